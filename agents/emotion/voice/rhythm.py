"""Syllables, pauses and the onsets of the voice, from the level over time (after de Jong & Wempe 2009: peaks with a dip between them)."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.emotion.voice.frames import HOP_S, Flags, Floats, Frames, runs

_SMOOTHING: Final = np.hanning(9)[1:-1] / np.hanning(9)[1:-1].sum()
"""About 40 ms: faster than any syllable."""
_DIP_DB: Final = 2.0
_SYLLABLE_BELOW_PEAK_DB: Final = 20.0
_PAUSE_FRAMES: Final = 15
"""A gap of 150 ms; stop consonants are shorter."""
_RISE_FRAMES: Final = 5


@dataclass(frozen=True, slots=True)
class Rhythm:
    syllable_rate: float
    """Syllables per second from the first speech to the last."""
    articulation_rate: float
    """Syllables per second of speech without its pauses."""
    pause_share: float
    """Of the time from the first speech to the last, 0 to 1."""
    attack: float
    """How fast the level rises where syllables begin, dB per second (median over syllables)."""


def rhythm(frames: Frames, voiced: Flags) -> Rhythm:
    """``frames`` must hold some speech."""
    spoken = np.flatnonzero(frames.speech)
    begin, end = int(spoken[0]), int(spoken[-1]) + 1
    pauses = sum(last - first for first, last in runs(~frames.speech[begin:end], _PAUSE_FRAMES))
    level = np.convolve(np.maximum(frames.level, frames.noise_db), _SMOOTHING, mode="same")
    peaks = [peak for peak in syllables(level) if voiced[peak] and level[peak] > frames.peak_db - _SYLLABLE_BELOW_PEAK_DB]
    rises = [_steepest(level, peak) for peak in peaks]
    return Rhythm(
        syllable_rate=len(peaks) / ((end - begin) * HOP_S),
        articulation_rate=len(peaks) / ((end - begin - pauses) * HOP_S),
        pause_share=pauses / (end - begin),
        attack=float(np.median(rises)) if rises else 0.0,
    )


def syllables(level: Floats) -> list[int]:
    """Frames of the peaks between which ``level`` (dB) dips by 2 dB and more."""
    found: list[int] = []
    highest, lowest, rising = 0, 0, True
    for at in range(1, len(level)):
        if rising:
            if level[at] > level[highest]:
                highest = at
            elif level[at] < level[highest] - _DIP_DB:
                found.append(highest)
                lowest, rising = at, False
        elif level[at] < level[lowest]:
            lowest = at
        elif level[at] > level[lowest] + _DIP_DB:
            highest, rising = at, True
    return found


def _steepest(level: Floats, peak: int) -> float:
    rise = level[max(0, peak - 2 * _RISE_FRAMES) : peak + 1]
    if len(rise) <= _RISE_FRAMES:
        return 0.0
    return float((rise[_RISE_FRAMES:] - rise[:-_RISE_FRAMES]).max()) / (_RISE_FRAMES * HOP_S)
