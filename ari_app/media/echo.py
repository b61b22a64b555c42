"""The echo line's queue: what came in goes out again, as soon as the packet clock allows. Pure.

A frame should wait 3 ms for its tick: less and ordinary jitter empties the queue, more is delay that the caller hears. So the tick is
shifted, never by more than 0.5 ms at a time, until the least wait of the last 10 frames is that; this follows the peer's clock too.
"""

from collections import deque
from typing import Final

from ari_app.media.g711 import FRAME, SILENCE, Law

_MARGIN_S: Final = 0.003
_STEP_S: Final = 0.0005
_WAITS: Final = 10
_RETRY_S: Final = 0.002
_RETRIES: Final = 5
_MOST_FRAMES: Final = 6
"""Queued frames beyond which the oldest are dropped: live is better than late."""


class EchoQueue:
    """Bytes of ``law`` in, 160-byte frames out."""

    def __init__(self, law: Law) -> None:
        self._silence = SILENCE[law] * FRAME
        self._audio = bytearray()
        self._arrivals: deque[tuple[int, float]] = deque()
        """(stream position after the packet, arrival)"""
        self._in = 0
        self._out = 0
        self._waits: deque[float] = deque(maxlen=_WAITS)
        self._retries = 0
        self.dropped = 0
        """Samples left out to stay live."""
        self.underruns = 0
        """Frames of silence because nothing had come."""

    def push(self, payload: bytes, now: float) -> None:
        """Audio that arrived at ``now``."""
        self._audio += payload
        self._in += len(payload)
        self._arrivals.append((self._in, now))
        excess = len(self._audio) - max(_MOST_FRAMES * FRAME, len(payload))
        if excess > 0:
            surplus = len(self._audio) - max(FRAME, len(payload))
            self.dropped += surplus
            self._remove(surplus)

    def frame(self, now: float) -> tuple[bytes | None, float]:
        """The next frame and by how many seconds to shift the later ticks. None: nothing yet, tick again after the shift."""
        if len(self._audio) < FRAME:
            if self._retries < _RETRIES and self._in:
                self._retries += 1
                return None, _RETRY_S
            self.underruns += self._in > 0
            self._waits.clear()
            return self._silence, 0.0
        self._retries = 0
        out = bytes(self._audio[:FRAME])
        self._waits.append(now - self._remove(FRAME))
        return out, self._shift()

    def _remove(self, count: int) -> float:
        """Take ``count`` bytes off the front; arrival of the last of them."""
        del self._audio[:count]
        self._out += count
        while self._arrivals[0][0] < self._out:
            self._arrivals.popleft()
        return self._arrivals[0][1]

    def _shift(self) -> float:
        error = min(self._waits) - _MARGIN_S
        if len(self._waits) < _WAITS and error > 0:
            return -min(_STEP_S, error / 4)
        step = max(-_STEP_S, min(_STEP_S, error / 4))
        if abs(step) < 0.00002:
            return 0.0
        # The waits on record change with the shift, or it would be made ten times over.
        self._waits = deque((wait - step for wait in self._waits), maxlen=_WAITS)
        return -step
