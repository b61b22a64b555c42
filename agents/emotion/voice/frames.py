"""An utterance as short frames: their power spectra, levels, and which of them are speech.

Everything is taken from 300 to 3400 Hz, what every telephone carries, so that wide-band and G.711 audio give the same.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import RATE, Pcm

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOP: Final = RATE // 100
HOP_S: Final = HOP / RATE
"""Seconds from one frame to the next."""
WINDOW: Final = RATE // 25
"""40 ms: two and a half periods at 62 Hz."""
FFT: Final = 1024
BIN_HZ: Final = RATE / FFT
BAND: Final = slice(round(300 / BIN_HZ), round(3400 / BIN_HZ) + 1)
"""The bins of 300 to 3400 Hz."""
LONGEST_S: Final = 12.0
"""Of a longer utterance the last seconds: they say how the caller feels now, and the cost stays bounded."""
_FLOOR: Final = 1e-10
"""-100 dBov, below what 16 bits can hold: the level of digital silence."""
_BELOW_PEAK_DB: Final = 32.0
_ABOVE_NOISE_DB: Final = 5.0
_SURELY_BELOW_PEAK_DB: Final = 8.0
"""A vowel without a gap has no quieter part that could be the noise: what is this near to its peak is taken for speech all the same."""
_NOISE_PART: Final = 0.08
"""The quietest part of the frames is taken for the noise."""
_SILENT_DB: Final = -70.0
_TAPER: Final = np.hanning(WINDOW).astype(np.float32) / np.float32(32768)
_SCALE: Final = 2 / (FFT * float((np.hanning(WINDOW) ** 2).sum()))
"""From the sum over bins of the power of a tapered frame to its mean square."""


@dataclass(frozen=True, slots=True)
class Frames:
    power: NDArray[np.float32]
    """Shape (n, FFT // 2 + 1), mean square per bin; samples are -1 to 1."""
    level: Floats
    """dBov within the band, of each frame."""
    noise: NDArray[np.float32]
    """Power of each bin in the quietest frames; zeros when those are no quieter than speech may be."""
    noise_db: float
    """Level of the quietest frames, dBov."""
    peak_db: float
    """Level of the loud ones (95th percentile of the speech), dBov."""
    speech: Flags
    """Frames that stand out of the noise; at least one."""


def framed(pcm: Pcm) -> Frames | None:
    """``pcm`` of any length and level, offset or not; None when it is shorter than 0.14 s or silent."""
    pcm = pcm[max(0, len(pcm) - round(LONGEST_S * RATE)) :]
    if len(pcm) < WINDOW + 10 * HOP:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(pcm, WINDOW)[::HOP]
    spectrum = np.fft.rfft(windows * _TAPER, FFT, axis=1)
    power = ((spectrum.real**2 + spectrum.imag**2) * np.float32(_SCALE)).astype(np.float32)
    mean_square = power[:, BAND].sum(axis=1, dtype=np.float64)
    level = 10 * np.log10(mean_square + _FLOOR)
    order = np.argsort(level)
    quiet = order[: max(3, round(_NOISE_PART * len(order)))]
    noise_db = float(10 * np.log10(mean_square[quiet].mean() + _FLOOR))
    peak_db = float(np.percentile(level, 95))
    if peak_db < _SILENT_DB:
        return None
    speech = level > max(peak_db - _BELOW_PEAK_DB, min(noise_db + _ABOVE_NOISE_DB, peak_db - _SURELY_BELOW_PEAK_DB))
    peak_db = float(np.percentile(level[speech], 95))
    noise = power[quiet].mean(axis=0) if noise_db < peak_db - 9 else np.zeros(power.shape[1], dtype=np.float32)
    return Frames(power, level, noise.astype(np.float32), noise_db, peak_db, speech)


def runs(flags: Flags, at_least: int = 1) -> list[tuple[int, int]]:
    """First and past-the-last index of each stretch of true ones."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2) if end - begin >= at_least]


def power_db(value: float) -> float:
    """dB of a mean square; digital silence is -100."""
    return float(10 * np.log10(max(value, 0.0) + _FLOOR))
