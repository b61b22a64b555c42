"""The last second of one direction of a line, by sample number."""

from typing import Final

import numpy as np

from agents.audio import Pcm

KEPT: Final = 8000
"""Samples that are remembered."""
_COMING: Final = 50
"""Pieces that are put in their place together."""


class SampleTrack:
    """8 kHz audio; before the first sample there was silence.

    Every packet of every call comes here, and on most lines nobody ever looks: so pieces are only collected as they come.
    """

    __slots__ = ("_buffer", "_coming", "_end", "_samples", "count")

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(4 * KEPT))
        self._samples = np.frombuffer(self._buffer, dtype=np.int16)
        self._end = KEPT
        self._coming: list[bytes] = []
        self.count = 0
        """Samples so far; the number of the next one."""

    def add(self, pcm: Pcm) -> None:
        """The next samples, any number of them."""
        self.add_bytes(pcm.tobytes())

    def add_bytes(self, pcm8: bytes) -> None:
        """The same as native-endian bytes."""
        self.count += len(pcm8) // 2
        self._coming.append(pcm8)
        if len(self._coming) >= _COMING:
            self._place()

    def last(self, samples: int) -> Pcm:
        """The latest ``samples`` (at most ``KEPT``); valid until the next call."""
        self._place()
        return self._samples[self._end - samples : self._end]

    def take(self, first: int, samples: int) -> Pcm:
        """From number ``first`` on; zeros for samples that are forgotten or still to come. Valid until the next call."""
        self._place()
        start = self._end - (self.count - first)
        oldest = self._end - KEPT
        inside = self._samples[max(oldest, start) : max(oldest, min(start + samples, self._end))]
        if len(inside) == samples:
            return inside
        out = np.zeros(samples, dtype=np.int16)
        place = max(0, oldest - start)
        out[place : place + len(inside)] = inside
        return out

    def _place(self) -> None:
        """What was collected goes where it can be looked at."""
        if not self._coming:
            return
        pcm8 = b"".join(self._coming)[-2 * KEPT :]
        self._coming.clear()
        size = len(pcm8) // 2
        if self._end + size > 2 * KEPT:
            self._samples[:KEPT] = self._samples[self._end - KEPT : self._end]
            self._end = KEPT
        self._buffer[2 * self._end : 2 * (self._end + size)] = pcm8
        self._end += size
