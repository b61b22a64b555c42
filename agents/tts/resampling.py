"""Any sample rate to the 16 kHz of the mind, keeping the filter's state between chunks."""

from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.audio import RATE

Samples = NDArray[np.float32]

_FULL_SCALE: Final = np.float32(32768.0)


class Resampler:
    """Signed 16-bit little-endian mono bytes at ``rate`` to float samples at 16 kHz, -1 to 1."""

    def __init__(self, rate: int) -> None:
        # "MQ": passband to 0.91 of Nyquist; the phone keeps less than half of it. "HQ" would delay the first chunk longer.
        self._stream: Any = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="MQ")

    def push(self, data: bytes) -> Samples:
        samples = np.frombuffer(data, dtype="<i2").astype(np.float32) / _FULL_SCALE
        return samples if self._stream is None else np.asarray(self._stream.resample_chunk(samples), dtype=np.float32)

    def finish(self) -> Samples:
        """What the filter still holds."""
        empty = np.zeros(0, dtype=np.float32)
        return empty if self._stream is None else np.asarray(self._stream.resample_chunk(empty, last=True), dtype=np.float32)
