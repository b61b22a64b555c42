"""The pitch of each frame: the best path over autocorrelation peaks (after Boersma 1993, with the spectrum compressed).

The fundamental of a low voice may not pass a telephone; its harmonics above 300 Hz do, and they repeat with the same period.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import RATE
from agents.emotion.voice.frames import BAND, BIN_HZ, FFT, Flags, Floats, Frames, runs

REFERENCE_HZ: Final = 27.5
"""Semitones are above this, as in GeMAPS (Eyben et al. 2016)."""
_LOWEST_HZ: Final = 62.0
_HIGHEST_HZ: Final = 620.0
_LAG_RATE: Final = 2 * RATE
_LAGS: Final = 2 * FFT
_CELLS_PER_OCTAVE: Final = 24
_CELLS: Final = int(np.log2(_HIGHEST_HZ / _LOWEST_HZ) * _CELLS_PER_OCTAVE)
_PITCH_BINS: Final = slice(round(100 / BIN_HZ), round(2500 / BIN_HZ))
_JUMP_COST: Final = 0.02
"""Per semitone between frames 10 ms apart; speech moves by less than one."""
_LARGEST_COST: Final = 0.5
_LONG_LAG_COST: Final = 0.02
"""Per octave: a multiple of the period fits as well as the period."""
_PERIODIC: Final = 0.45
"""Normalised autocorrelation from which a frame has a pitch: a harmonics-to-noise ratio of -1 dB."""


def _cell_edges() -> NDArray[np.int64]:
    edges = _LAG_RATE / (_HIGHEST_HZ * 2.0 ** (-np.arange(_CELLS + 1) / _CELLS_PER_OCTAVE))
    return np.unique(np.rint(edges).astype(np.int64))


_EDGES: Final = _cell_edges()
"""In half samples."""
_MIDDLES: Final = 12 * np.log2(_LAG_RATE / ((_EDGES[:-1] + _EDGES[1:]) / 2) / REFERENCE_HZ)


def _taper_autocorrelation() -> NDArray[np.float32]:
    taper = np.hanning(RATE // 25)
    whole = np.fft.irfft(np.abs(np.fft.rfft(taper, FFT)) ** 2, _LAGS)
    out: NDArray[np.float32] = np.maximum((whole / whole[0])[: _EDGES[-1] + 2], 0.1).astype(np.float32)
    return out


_TAPER: Final = _taper_autocorrelation()
_COSTS: Final = np.minimum(_JUMP_COST * np.abs(_MIDDLES[:, None] - _MIDDLES[None, :]), _LARGEST_COST).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Track:
    """One value for each frame."""

    semitones: Floats
    """Above REFERENCE_HZ; means nothing where ``voiced`` is false."""
    periodicity: Floats
    """Normalised autocorrelation at the period, 0 to 1."""
    voiced: Flags


def track(frames: Frames) -> Track:
    chosen = np.flatnonzero(frames.speech)
    clean = np.maximum(frames.power[chosen] - frames.noise, np.float32(0.02) * frames.power[chosen])
    compressed = _autocorrelation(np.sqrt(clean), _PITCH_BINS) / _TAPER
    cells = np.maximum.reduceat(compressed[:, : _EDGES[-1]], _EDGES[:-1], axis=1)
    path = _best_path(cells - np.float32(_LONG_LAG_COST / 12) * (_MIDDLES[0] - _MIDDLES).astype(np.float32), np.diff(chosen))
    lag = _peak_lag(compressed, path)
    found = _at(_autocorrelation(clean, BAND) / _TAPER, lag)
    semitones = np.zeros(len(frames.level))
    periodicity = np.zeros(len(frames.level))
    semitones[chosen] = 12 * np.log2(_LAG_RATE / lag / REFERENCE_HZ)
    periodicity[chosen] = np.clip(found, 0.0, 1.0)
    voiced = frames.speech & (periodicity > _PERIODIC)
    # A lone frame is a click or a chance; speech is voiced for 30 ms and more.
    steady = np.zeros_like(voiced)
    for begin, end in runs(voiced, 3):
        steady[begin:end] = True
    return Track(semitones, periodicity, steady)


def _autocorrelation(power: NDArray[np.float32], bins: slice) -> NDArray[np.float32]:
    """Normalised, shape (n, lags), at half-sample lags."""
    masked = np.zeros_like(power)
    masked[:, bins] = power[:, bins]
    found = np.fft.irfft(masked, _LAGS, axis=1)[:, : _EDGES[-1] + 2]
    out: NDArray[np.float32] = (found / np.maximum(found[:, :1], np.float32(1e-20))).astype(np.float32)
    return out


def _best_path(score: NDArray[np.float32], gaps: NDArray[np.int64]) -> NDArray[np.int64]:
    """The cell of each frame. Over a gap a jump costs nothing."""
    back = np.zeros(score.shape, dtype=np.int64)
    best = score[0]
    columns = np.arange(score.shape[1])
    for row in range(1, len(score)):
        if gaps[row - 1] > 3:
            back[row] = int(best.argmax())
            best = score[row] + best.max()
            continue
        reached = best[:, None] - _COSTS
        back[row] = reached.argmax(axis=0)
        best = reached[back[row], columns] + score[row]
    path = np.empty(len(score), dtype=np.int64)
    path[-1] = int(best.argmax())
    for row in range(len(score) - 1, 0, -1):
        path[row - 1] = back[row, path[row]]
    return path


def _peak_lag(correlation: NDArray[np.float32], path: NDArray[np.int64]) -> Floats:
    """Half samples, between the lags by a parabola through the peak of the cell."""
    rows = np.arange(len(path))
    begin, width = _EDGES[path], int(np.diff(_EDGES).max())
    lags = np.minimum(begin[:, None] + np.arange(width), _EDGES[path + 1][:, None] - 1)
    index = lags[rows, correlation[rows[:, None], lags].argmax(axis=1)]
    left, middle, right = (correlation[rows, index + step].astype(np.float64) for step in (-1, 0, 1))
    curve = left - 2 * middle + right
    shift = np.where(curve < -1e-9, 0.5 * (left - right) / np.where(curve < -1e-9, curve, 1.0), 0.0)
    out: Floats = index + np.clip(shift, -0.5, 0.5)
    return out


def _at(correlation: NDArray[np.float32], lag: Floats) -> Floats:
    rows, index = np.arange(len(lag)), np.rint(lag).astype(np.int64)
    out: Floats = np.maximum.reduce([correlation[rows, np.clip(index + step, 0, correlation.shape[1] - 1)] for step in (-1, 0, 1)]).astype(
        np.float64
    )
    return out
