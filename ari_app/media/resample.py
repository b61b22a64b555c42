"""Between the telephone's 8 kHz and the mind's 16 kHz: one half-band filter both ways.

Windowed sinc, Kaiser beta 5.65 (60 dB stop band, below the noise of G.711), pass band to 3.6 kHz, 71 taps: 2.2 ms of delay at any
chunk length. soxr was measured first: its qualities from LQ up give nothing for the first 60 to 108 ms and then blocks, QQ has no
stop band at all.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm

_LEAST: Final = np.float32(-32768)
_MOST: Final = np.float32(32767)
_HALF: Final = 18
"""Taps of the odd phase on each side of the centre."""
PAST: Final = 2 * _HALF - 1
"""Samples at 8 kHz that the filter needs from before those it converts."""


def _odd_phase() -> NDArray[np.float32]:
    position = np.arange(-_HALF, _HALF) + 0.5
    window = np.kaiser(4 * _HALF + 1, 5.65)[1::2]
    taps = np.sinc(position) * window
    return np.asarray(taps / taps.sum(), dtype=np.float32)


_TAPS: Final = _odd_phase()


def to_pcm(samples: NDArray[np.float32]) -> Pcm:
    """Rounded and limited to 16 bits."""
    whole = np.rint(samples)
    # In place and without np.clip, whose wrapping costs more than the work on 20 ms of audio.
    np.maximum(whole, _LEAST, out=whole)
    np.minimum(whole, _MOST, out=whole)
    return whole.astype(np.int16)


def raised(pcm: Pcm) -> NDArray[np.float32]:
    """8 kHz to 16 kHz: every sample but the first ``PAST`` comes back as two, 2.2 ms (18 input samples) later.

    On the scale of 16 bits but neither rounded nor limited (see ``to_pcm``).
    """
    line, count = pcm.astype(np.float32), len(pcm) - PAST
    out = np.empty(2 * count, dtype=np.float32)
    out[0::2] = line[_HALF - 1 : _HALF - 1 + count]
    if count:
        out[1::2] = np.convolve(line, _TAPS, "valid")
    return out


class Downsampler:
    """16 kHz to 8 kHz. The filter's delay is taken off at the start and paid out by ``flush``: n samples give ceil(n / 2)."""

    __slots__ = ("_given", "_line", "_taken")

    def __init__(self) -> None:
        # The centre of output k is input 2k, which needs the 2 * _HALF - 1 inputs before it.
        self._line = np.zeros(PAST, dtype=np.float32)
        self._taken = 0
        self._given = 0

    def feed(self, pcm: Pcm) -> Pcm:
        """Samples at 16 kHz in; those at 8 kHz that are complete by now out."""
        self._taken += len(pcm)
        return self._filter(pcm.astype(np.float32))

    def flush(self) -> Pcm:
        """The last 2.2 ms, so that no word end is cut; the next ``feed`` begins a new signal."""
        wanted = (self._taken + 1) // 2 - self._given
        tail = self._filter(np.zeros(2 * _HALF + 1, dtype=np.float32))[:wanted]
        self.__init__()  # type: ignore[misc]
        return tail

    def _filter(self, samples: NDArray[np.float32]) -> Pcm:
        line = np.concatenate((self._line, samples))
        count = max(0, (len(line) - (4 * _HALF - 1)) // 2 + 1)
        self._line = line[2 * count :]
        if not count:
            return np.zeros(0, dtype=np.int16)
        span = line[: 2 * (count - 1) + 4 * _HALF - 1]
        odd = np.convolve(span[0::2], _TAPS, "valid")
        centre = span[2 * _HALF - 1 : 2 * _HALF - 1 + 2 * count : 2]
        self._given += count
        return to_pcm(0.5 * (centre[:count] + odd[:count]))
