"""Backchannels that are no words: a voice with the mouth closed or hardly open, under a contour of pitch. All pure."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from ari_app.media.g711 import RATE
from tests.bench.turns.sounds_shaping import HOP, at_speech_level, faded

Wave: TypeAlias = NDArray[np.float64]
Resonances: TypeAlias = tuple[tuple[float, float, float], ...]
_CLOSED: Final[Resonances] = ((280.0, 110.0, 1.0), (1050.0, 200.0, 0.25), (2200.0, 300.0, 0.12))
"""Frequency and width in Hz, amplitude. The murmur [m] has one strong resonance at 250 to 300 Hz and weak upper ones (G. Fant 1960)."""
_OPEN: Final[Resonances] = ((560.0, 120.0, 1.0), (1250.0, 160.0, 0.7), (2450.0, 220.0, 0.4))
"""Of the neutral vowel of "uh-huh"."""


_ATTACK_S: Final = 0.05
_RELEASE_S: Final = 0.10
_BREATH_S: Final = 0.07
"""Between two syllables, where the voice goes on faintly."""


@dataclass(frozen=True, slots=True)
class Syllable:
    length_s: float
    start: float
    end: float
    """Pitch against the speaker's own."""


@dataclass(frozen=True, slots=True)
class Hum:
    syllables: tuple[Syllable, ...]
    open: bool = False
    """A neutral vowel; else the mouth is closed."""


HUMS: Final[dict[str, Hum]] = {
    "mm-hm": Hum((Syllable(0.20, 1.0, 0.95), Syllable(0.30, 1.0, 1.25))),
    "mhm": Hum((Syllable(0.16, 1.05, 1.0), Syllable(0.26, 1.1, 0.9))),
    "mm": Hum((Syllable(0.35, 1.05, 0.88),)),
    "hm": Hum((Syllable(0.30, 0.95, 1.1),)),
    "mmm": Hum((Syllable(0.6, 1.0, 0.95),)),
    "uh-huh": Hum((Syllable(0.17, 1.0, 0.95), Syllable(0.26, 1.0, 1.15)), open=True),
}


def hummed(name: str, pitch_hz: float, seed: int) -> Pcm:
    """One of HUMS by a speaker of this pitch, at SPEECH_DBOV; lengths, contour and roughness vary with the seed."""
    chance = np.random.default_rng([list(HUMS).index(name), seed])
    hum = HUMS[name]
    lengths = [round(syllable.length_s * chance.uniform(0.85, 1.25) * RATE) for syllable in hum.syllables]
    ends = np.cumsum(lengths)
    # Between syllables the pitch glides, as it does in one breath.
    places = [place for end, length in zip(ends, lengths, strict=True) for place in (end - length + HOP, end - HOP)]
    count = int(ends[-1])
    at = np.arange(count)
    contour = np.interp(at, places, [value for syllable in hum.syllables for value in (syllable.start, syllable.end)])
    steps = np.arange(0, count + 80, 80)
    hertz = pitch_hz * chance.uniform(0.95, 1.05) * contour * (1 + 0.01 * np.interp(at, steps, chance.normal(size=len(steps))))
    loud = np.interp(at, (0, _ATTACK_S * RATE, count - _RELEASE_S * RATE, count), (0, 1, 0.9, 0))
    half = _BREATH_S * RATE / 2
    breath = np.zeros(count)
    for end in ends[:-1]:
        breath = np.maximum(breath, np.interp(at, (end - half, end, end + half), (0, 1, 0)))
    resonances = _OPEN if hum.open else _CLOSED
    wave = loud * ((1 - 0.9 * breath) * _voiced(hertz, resonances) + 0.15 * breath * _air(chance, count, resonances))
    return faded(at_speech_level(np.asarray(np.rint(wave / np.abs(wave).max() * 16_000), dtype=np.int16)))


def _voiced(hertz: Wave, resonances: Resonances) -> Wave:
    """Harmonics of a gliding pitch, peak 1."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    made = np.zeros(len(hertz))
    for harmonic in range(1, int(3600 / hertz.min()) + 1):
        tone = harmonic * hertz
        made += np.where(tone < 3600, _strength(tone, resonances) / np.sqrt(harmonic) * np.sin(harmonic * phase), 0)
    return np.asarray(made / np.abs(made).max())


def _air(chance: np.random.Generator, count: int, resonances: Resonances) -> Wave:
    """Breath through the same resonances, peak 1."""
    spectrum = np.fft.rfft(chance.normal(size=count)) * _strength(
        np.asarray(np.fft.rfftfreq(count, 1 / RATE), dtype=np.float64), resonances
    )
    made = np.fft.irfft(spectrum, count)
    return np.asarray(made / np.abs(made).max())


def _strength(hertz: Wave, resonances: Resonances) -> Wave:
    total = np.zeros(len(hertz))
    for centre, width, gain in resonances:
        total += gain / (1 + ((hertz - centre) / width) ** 2)
    return total
