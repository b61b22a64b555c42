"""What can be measured of one utterance on a telephone: pitch, level, rhythm, spectral balance, voice quality.

The kinds of measure are those of GeMAPS (Eyben et al. 2016), taken from 300 to 3400 Hz only.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from agents.emotion.voice.balance import balance
from agents.emotion.voice.frames import HOP_S, Flags, Floats, Frames, framed, runs
from agents.emotion.voice.pitch import Track, track
from agents.emotion.voice.rhythm import rhythm

VERSION: Final = 1
"""Raised whenever the meaning of a feature changes while its name stays: models trained on another version do not fit."""
LEAST_VOICED_S: Final = 0.25
"""With less there is nothing to tell: a cough, a click, a single short syllable."""
_RAIL: Final = 32_000
"""G.711 cannot hold more than 32124."""


@dataclass(frozen=True, slots=True)
class VoiceFeatures:
    """Semitones (st) are above 27.5 Hz; dB where nothing else is said."""

    pitch_median: float
    """st."""
    pitch_low: float
    """st, 20th percentile."""
    pitch_high: float
    """st, 80th percentile."""
    pitch_top: float
    """st, 95th percentile."""
    pitch_spread: float
    """st from the 20th to the 80th percentile."""
    pitch_movement: float
    """st per s, mean size of the pitch's slope within voiced stretches."""
    pitch_rising: float
    """0 to 1: share of the movement that goes up."""
    pitch_trend: float
    """st per s over the whole utterance."""
    level: float
    """dBov of the voiced frames within the telephone band."""
    level_top: float
    """dBov, 95th percentile of the speech."""
    level_spread: float
    """From the 20th to the 80th percentile of the voiced frames."""
    level_peaks: float
    """95th percentile over the median of the voiced frames."""
    attack: float
    """dB per s, rise of the level at the beginnings of syllables."""
    syllable_rate: float
    """Per s, pauses included."""
    articulation_rate: float
    """Per s of speech."""
    pause_share: float
    """0 to 1."""
    voiced_share: float
    """0 to 1, of the speech."""
    voiced_length: float
    """s, mean of the voiced stretches."""
    alpha_ratio: float
    alpha_loud: float
    alpha_spread: float
    hammarberg: float
    slope: float
    """dB per octave."""
    centroid: float
    """Hz."""
    flux: float
    harmonicity: float
    """Harmonics-to-noise ratio of the voiced frames, median."""
    harmonicity_low: float
    """The same, 20th percentile: the roughest parts."""
    jitter: float
    """Percent of the pitch, change of direction from frame to frame (10 ms), median."""
    shimmer: float
    """Change of direction of the level from frame to frame, median."""
    band_300: float
    """This and the following: energy from this frequency (Hz) to the next, over that of the whole band, in voiced frames."""
    band_450: float
    band_650: float
    band_900: float
    band_1200: float
    band_1600: float
    band_2100: float
    band_2700: float
    voiced_s: float
    """Seconds of voiced speech. This and the following say how far the others can be trusted; they are not in ``vector``."""
    snr_db: float
    """Voiced speech over the quietest part."""
    clipped: float
    """0 to 1, share of the samples at the rails."""

    def vector(self) -> NDArray[np.float64]:
        """The features in the order of NAMES, shape (len(NAMES),)."""
        return np.array([getattr(self, name) for name in NAMES], dtype=np.float64)


NAMES: Final[tuple[str, ...]] = tuple(each.name for each in fields(VoiceFeatures) if each.name not in ("voiced_s", "snr_db", "clipped"))


def measure(pcm: Pcm) -> VoiceFeatures | None:
    """None when there is less than 0.25 s of voiced speech in ``pcm`` (16 kHz; of more than 12 s the last 12)."""
    frames = framed(pcm)
    if frames is None:
        return None
    pitch = track(frames)
    if pitch.voiced.sum() * HOP_S < LEAST_VOICED_S:
        return None
    return VoiceFeatures(
        **_tune(pitch), **_energy(frames, pitch), **_pace(frames, pitch), **_colour(frames, pitch), **_quality(frames, pitch, pcm)
    )


def _tune(pitch: Track) -> dict[str, float]:
    low, median, high, top = np.percentile(pitch.semitones[pitch.voiced], (20, 50, 80, 95))
    slopes = np.concatenate([_slopes(pitch.semitones[begin:end]) for begin, end in runs(pitch.voiced, 6)] or [np.zeros(1)])
    moved = float(np.abs(slopes).sum())
    return {
        "pitch_median": float(median),
        "pitch_low": float(low),
        "pitch_high": float(high),
        "pitch_top": float(top),
        "pitch_spread": float(high - low),
        "pitch_movement": float(np.abs(slopes).mean()),
        "pitch_rising": float(slopes[slopes > 0].sum()) / moved if moved > 1e-6 else 0.5,
        "pitch_trend": _trend(np.flatnonzero(pitch.voiced), pitch.semitones[pitch.voiced]),
    }


def _slopes(semitones: Floats) -> Floats:
    """st per s over 50 ms, octave jumps left out."""
    slopes: Floats = (semitones[5:] - semitones[:-5]) / (5 * HOP_S)
    return slopes[np.abs(slopes) < 150]


def _trend(at: NDArray[np.int64], values: Floats) -> float:
    time = (at - at.mean()) * HOP_S
    spread = float((time**2).sum())
    return float((time * values).sum()) / spread if spread > 0 else 0.0


def _energy(frames: Frames, pitch: Track) -> dict[str, float]:
    voiced = frames.level[pitch.voiced]
    low, median, high, top = np.percentile(voiced, (20, 50, 80, 95))
    return {
        "level": float(10 * np.log10((10 ** (voiced / 10)).mean())),
        "level_top": frames.peak_db,
        "level_spread": float(high - low),
        "level_peaks": float(top - median),
    }


def _pace(frames: Frames, pitch: Track) -> dict[str, float]:
    found = rhythm(frames, pitch.voiced)
    stretches = runs(pitch.voiced)
    return {
        "attack": found.attack,
        "syllable_rate": found.syllable_rate,
        "articulation_rate": found.articulation_rate,
        "pause_share": found.pause_share,
        "voiced_share": float(pitch.voiced.sum() / frames.speech.sum()),
        "voiced_length": float(pitch.voiced.sum() / len(stretches)) * HOP_S,
    }


def _colour(frames: Frames, pitch: Track) -> dict[str, float]:
    found = balance(frames, pitch.voiced)
    bands = ("band_300", "band_450", "band_650", "band_900", "band_1200", "band_1600", "band_2100", "band_2700")
    return {
        "alpha_ratio": found.alpha_ratio,
        "alpha_loud": found.alpha_loud,
        "alpha_spread": found.alpha_spread,
        "hammarberg": found.hammarberg,
        "slope": found.slope,
        "centroid": found.centroid,
        "flux": found.flux,
        **{name: float(value) for name, value in zip(bands, found.bands, strict=True)},
    }


def _quality(frames: Frames, pitch: Track, pcm: Pcm) -> dict[str, float]:
    periodic = np.clip(pitch.periodicity[pitch.voiced], 0.01, 0.9999)
    ratio = 10 * np.log10(periodic / (1 - periodic))
    whole = frames.level[pitch.voiced]
    return {
        "harmonicity": float(np.median(ratio)),
        "harmonicity_low": float(np.percentile(ratio, 20)),
        "jitter": _unsteady(pitch.semitones, pitch.voiced) * 100 * float(np.log(2)) / 12,
        "shimmer": _unsteady(frames.level, pitch.voiced),
        "voiced_s": float(pitch.voiced.sum()) * HOP_S,
        "snr_db": float(np.clip(10 * np.log10((10 ** (whole / 10)).mean()) - frames.noise_db, 0.0, 60.0)),
        "clipped": float((np.abs(pcm.astype(np.int32)) >= _RAIL).mean()),
    }


def _unsteady(values: Floats, voiced: Flags) -> float:
    """Median size of the second difference over four, within voiced stretches: zero for any straight line."""
    inner = voiced[1:-1] & voiced[:-2] & voiced[2:]
    second = np.abs(values[2:] - 2 * values[1:-1] + values[:-2])[inner] / 4
    return float(np.median(second)) if len(second) else 0.0
