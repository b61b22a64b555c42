"""How the scripted caller knows whose turn it is: it listens to what arrives, as a person would."""

import asyncio
import time
from typing import Final

from ari_app.caller.rtp_session import RtpSession
from ari_app.caller.speech_level import LiveDetector, level
from ari_app.media.g711 import LAW_OF_TYPE

_POLL_S: Final = 0.01


class TurnTimeout(Exception):
    """The agent did not do what the caller waited for."""


class Listener:
    """Reads the packet log as it grows; ``ended`` (the call is over) ends every wait with CallOver."""

    def __init__(self, session: RtpSession, ended: asyncio.Event) -> None:
        self._session = session
        self._ended = ended
        self._read = 0
        self.detector = LiveDetector()

    async def speaking_since(self, after_ns: int, limit_s: float) -> int:
        """Wait for a talk spurt of the agent that goes on after ``after_ns``; its beginning. Raises TurnTimeout, CallOver."""
        give_up = time.monotonic() + limit_s
        while True:
            self._update()
            start, last = self.detector.spurt_start_ns, self.detector.last_speech_ns
            if start is not None and last is not None and last > after_ns and self.quiet_s() < 0.2:
                return start
            await self._pause(give_up, f"the agent did not speak within {limit_s:g} s")

    async def quiet_after_speech(self, after_ns: int, quiet_s: float, limit_s: float) -> None:
        """Wait until the agent has spoken after ``after_ns`` and then been quiet for ``quiet_s``. Raises TurnTimeout, CallOver."""
        give_up = time.monotonic() + limit_s
        while True:
            self._update()
            last = self.detector.last_speech_ns
            if last is not None and last > after_ns and self.quiet_s() >= quiet_s:
                return
            spoke = last is not None and last > after_ns
            problem = "did not stop speaking" if spoke else "said nothing"
            await self._pause(give_up, f"the agent {problem} within {limit_s:g} s")

    def quiet_s(self) -> float:
        """Seconds since the agent's latest speech frame; infinite when there was none."""
        last = self.detector.last_speech_ns
        return float("inf") if last is None else (time.monotonic_ns() - last) / 1e9

    async def _pause(self, give_up: float, problem: str) -> None:
        if self._ended.is_set():
            raise CallOver
        if time.monotonic() > give_up:
            raise TurnTimeout(problem)
        await asyncio.sleep(_POLL_S)

    def _update(self) -> None:
        received = self._session.log.received
        for packet in received[self._read :]:
            if packet.payload_type in LAW_OF_TYPE:
                self.detector.step(packet.at_ns, level(packet.payload, LAW_OF_TYPE[packet.payload_type]))
        self._read = len(received)


class CallOver(Exception):
    """The other side hung up."""
