"""What the caller hears, as words: the agent's speech out of the RTP that arrives, recognised whenever the agent pauses.

Pauses are measured on the packets' own times of arrival: when this process is late, that is no pause.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import numpy as np

from agents.audio import Pcm, silence
from ari_app.caller.calling import Line
from ari_app.caller.listener import CallOver
from ari_app.caller.packet_log import Received
from ari_app.caller.report import upsample
from ari_app.caller.speech_level import LiveDetector, level
from ari_app.media.g711 import LAW_OF_TYPE, decode

Recognise = Callable[[Pcm], Awaitable[str]]
QUIET_S: Final = 0.8
"""A pause of the agent after which the caller thinks about what was said."""
_LONG_S: Final = 12.0
"""Most of a speech that is listened to before it is thought about."""
_POLL_S: Final = 0.02


class Ear:
    """``listen`` gives each stretch of the agent's speech once."""

    def __init__(self, line: Line, recognise: Recognise) -> None:
        self._line = line
        self._recognise = recognise
        self._detector = LiveDetector()
        self._read = 0
        self._after_ns = 0
        """What came before is heard, or was spoken while the caller spoke."""

    def spoke(self) -> None:
        """The caller has just spoken: what counts comes now."""
        self._after_ns = time.monotonic_ns()

    async def listen(self, limit_s: float) -> str:
        """The next words; empty after so long without any. Raises CallOver."""
        began = time.monotonic()
        while True:
            now_ns = self._update()
            last_ns = self._detector.last_speech_ns or 0
            spoke = last_ns > self._after_ns
            if spoke and now_ns - last_ns >= QUIET_S * 1e9:
                return await self._words(now_ns)
            if self._line.leg.ended.is_set():
                raise CallOver
            waited = time.monotonic() - began
            if waited > _LONG_S or (waited > limit_s and not spoke):
                return await self._words(now_ns) if spoke else ""
            await asyncio.sleep(_POLL_S)

    def speaks_on(self) -> bool:
        """The agent began again after what was heard last."""
        self._update()
        return (self._detector.last_speech_ns or 0) > self._after_ns and not self._line.leg.ended.is_set()

    def _update(self) -> int:
        """Time of the newest packet, in ns."""
        received = self._line.session.log.received
        for packet in received[self._read :]:
            self._read += 1
            if packet.is_audio:
                self._detector.step(packet.at_ns, level(packet.payload, LAW_OF_TYPE[packet.payload_type]))
        return received[self._read - 1].at_ns if self._read else 0

    async def _words(self, until_ns: int) -> str:
        since, self._after_ns = self._after_ns, self._detector.last_speech_ns or until_ns
        heard = [packet for packet in list(self._line.session.log.received) if since < packet.at_ns <= until_ns]
        pcm = await asyncio.to_thread(_sound, heard)
        return await self._recognise(pcm) if len(pcm) else ""


def _sound(packets: list[Received]) -> Pcm:
    """In the order of arrival: on a loopback nothing is lost."""
    payloads = [decode(packet.payload, LAW_OF_TYPE[packet.payload_type]) for packet in packets if packet.is_audio]
    narrow = np.frombuffer(b"".join(payloads), dtype=np.int16)
    return np.concatenate((silence(0.1), upsample(narrow), silence(0.1))) if len(narrow) else narrow
