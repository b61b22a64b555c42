"""How the energy of the voiced speech is spread over frequency, free of the noise around it and of the caller's level."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.emotion.voice.frames import BAND, BIN_HZ, Flags, Floats, Frames, power_db

BANDS_HZ: Final = (300, 450, 650, 900, 1200, 1600, 2100, 2700, 3400)
"""About one critical band and a half each."""


def _bins(low: float, high: float) -> slice:
    return slice(round(low / BIN_HZ), round(high / BIN_HZ))


_LOW, _HIGH = _bins(300, 1000), _bins(1000, 3400)
_BELOW_2K, _ABOVE_2K = _bins(300, 2000), _bins(2000, 3400)
_BANDS: Final = tuple(_bins(low, high) for low, high in pairwise(BANDS_HZ))
_SMOOTHING_BINS: Final = 13
"""200 Hz: harmonics of a high voice must not look like formants."""
_HERTZ: Final = np.arange(BAND.start, BAND.stop) * BIN_HZ


@dataclass(frozen=True, slots=True)
class Balance:
    alpha_ratio: float
    """Energy of 1 to 3.4 kHz over that of 0.3 to 1 kHz, dB. Loud, pressed and angry voices have more."""
    alpha_loud: float
    """The same of the loudest third of the voiced frames."""
    alpha_spread: float
    """How it differs among the voiced frames, dB (80th percentile less the 20th)."""
    hammarberg: float
    """Strongest of 0.3 to 2 kHz over strongest of 2 to 3.4 kHz, dB. Less in a sharp voice."""
    slope: float
    """dB per octave from 0.5 to 3.4 kHz."""
    centroid: float
    """Centre of the energy, Hz."""
    bands: Floats
    """dB of each of BANDS_HZ over the whole band."""
    flux: float
    """Change of the spectrum's shape from frame to frame, dB."""


def balance(frames: Frames, voiced: Flags) -> Balance:
    """``voiced`` must hold some frames."""
    power = np.maximum(frames.power[voiced] - frames.noise, np.float32(0.01) * frames.power[voiced])
    level = frames.level[voiced]
    loud = level >= np.percentile(level, 67)
    mean = power.mean(axis=0, dtype=np.float64)
    shares = np.stack([power[:, bins].sum(axis=1, dtype=np.float64) for bins in (_LOW, _HIGH, *_BANDS)], axis=1)
    ratio = 10 * np.log10((shares[:, 1] + 1e-12) / (shares[:, 0] + 1e-12))
    smooth = np.convolve(mean, np.ones(_SMOOTHING_BINS) / _SMOOTHING_BINS, mode="same")
    whole = power_db(float(mean[BAND].sum()))
    return Balance(
        alpha_ratio=_over(mean, _HIGH, _LOW),
        alpha_loud=_over(power[loud].mean(axis=0, dtype=np.float64), _HIGH, _LOW),
        alpha_spread=float(np.diff(np.percentile(ratio, (20, 80)))[0]),
        hammarberg=power_db(float(smooth[_BELOW_2K].max())) - power_db(float(smooth[_ABOVE_2K].max())),
        slope=_slope(smooth),
        centroid=float((mean[BAND] * _HERTZ).sum() / max(float(mean[BAND].sum()), 1e-12)),
        bands=np.array([power_db(float(mean[bins].sum())) - whole for bins in _BANDS]),
        flux=_flux(shares[:, 2:], voiced),
    )


def _over(mean: Floats, above: slice, below: slice) -> float:
    return power_db(float(mean[above].sum())) - power_db(float(mean[below].sum()))


def _slope(mean: Floats) -> float:
    octaves = np.linspace(np.log2(500), np.log2(3400), 30)
    level = 10 * np.log10(mean[np.rint(2.0**octaves / BIN_HZ).astype(np.int64)] + 1e-12)
    centred = octaves - octaves.mean()
    return float((centred * level).sum() / (centred**2).sum())


def _flux(shares: NDArray[np.float64], voiced: Flags) -> float:
    near = np.diff(np.flatnonzero(voiced)) == 1
    if not near.any():
        return 0.0
    shape = 10 * np.log10(shares + 1e-12)
    shape -= shape.mean(axis=1, keepdims=True)
    return float(np.sqrt((np.diff(shape, axis=0) ** 2).mean(axis=1))[near].mean())
