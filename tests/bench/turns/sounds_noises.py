"""Sounds that are no speech, made from seeds: filtered noise, pulses and decaying tones under envelopes. All pure."""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from ari_app.media.g711 import RATE
from tests.bench.turns.sounds_shaping import amplified, faded, loudest_dbov

LOUDEST_DBOV: Final = -20.0
"""Of the loudest 100 ms."""
Wave: TypeAlias = NDArray[np.float64]
Maker: TypeAlias = Callable[[np.random.Generator], Wave]


def band_noise(chance: np.random.Generator, seconds: float, low: float, high: float, tilt_db: float = 0.0) -> Wave:
    """Noise between two frequencies in Hz, its spectrum falling by ``tilt_db`` an octave above the lower one; RMS 1."""
    count = round(seconds * RATE)
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    shape = np.where((hertz >= low) & (hertz <= high), 10 ** (-tilt_db * np.log2(np.maximum(hertz, low) / low) / 20), 0)
    made = np.fft.irfft(np.fft.rfft(chance.normal(size=count)) * shape, count)
    return np.asarray(made / np.sqrt((made**2).mean()))


def decay(count: int, attack_s: float, half_s: float) -> Wave:
    """Rises linearly over ``attack_s``, then loses half of its amplitude every ``half_s``."""
    t = np.arange(count) / RATE
    return np.asarray(np.minimum(t / attack_s, 1.0) * 0.5 ** (np.maximum(t - attack_s, 0) / half_s))


def cough(chance: np.random.Generator) -> Wave:
    """One to three: a burst of the opening glottis, breath through the vocal tract, often a short voiced end."""
    parts = []
    for _ in range(chance.integers(1, 4)):
        length = chance.uniform(0.18, 0.35)
        breath = band_noise(chance, length, chance.uniform(300, 600), 3400, chance.uniform(3, 6)) * decay(round(length * RATE), 0.008, 0.06)
        if chance.random() < 0.6:
            tail = rasp(chance, length, chance.uniform(110, 220)) * decay(len(breath), chance.uniform(0.08, 0.12), 0.04)
            breath = breath + 0.5 * tail
        parts += [breath * chance.uniform(0.6, 1.0), np.zeros(round(chance.uniform(0.04, 0.15) * RATE))]
    return np.concatenate(parts[:-1])


def rasp(chance: np.random.Generator, seconds: float, hertz: float) -> Wave:
    """Pulses of an irregular pitch through two vowel-like resonances: a voice that says nothing."""
    count = round(seconds * RATE)
    pulses = np.zeros(count)
    at = 0.0
    while at < count:
        pulses[int(at)] = chance.uniform(0.5, 1.0)
        at += RATE / hertz * chance.uniform(0.75, 1.25)
    t = np.arange(200) / RATE
    tract = np.zeros(200)
    for centre, width in ((chance.uniform(400, 700), 600), (1400, 900)):
        tract += np.exp(-t * width) * np.sin(2 * np.pi * centre * t)
    made = np.convolve(pulses, tract)[:count]
    return np.asarray(made / np.sqrt((made**2).mean()))


def throat(chance: np.random.Generator) -> Wave:
    """Two scrapes of the throat, "ahem"."""
    parts = []
    for _ in range(2):
        length = chance.uniform(0.15, 0.35)
        scrape = rasp(chance, length, chance.uniform(60, 110)) + 0.7 * band_noise(chance, length, 400, 2500, 4)
        flutter = 1 + 0.6 * np.sin(2 * np.pi * chance.uniform(20, 35) * np.arange(len(scrape)) / RATE)
        parts += [scrape * flutter * np.hanning(len(scrape)), np.zeros(round(chance.uniform(0.03, 0.12) * RATE))]
    return np.concatenate(parts[:-1])


def click(chance: np.random.Generator) -> Wave:
    length = chance.uniform(0.01, 0.03)
    return band_noise(chance, length, 800, 3600) * decay(round(length * RATE), 0.0005, 0.002)


def door(chance: np.random.Generator) -> Wave:
    length = chance.uniform(0.4, 0.8)
    thump = band_noise(chance, length, 70, 500, 3) * decay(round(length * RATE), 0.003, chance.uniform(0.05, 0.1))
    latch = band_noise(chance, length, 500, 3400, 2) * decay(round(length * RATE), 0.002, 0.012)
    return thump + 0.7 * latch


def keyboard(chance: np.random.Generator) -> Wave:
    out = np.zeros(round(chance.uniform(0.8, 2.0) * RATE))
    at = 0
    while at + RATE // 20 < len(out):
        stroke = click(chance) * chance.uniform(0.4, 1.0)
        out[at : at + len(stroke)] += stroke
        at += round(chance.uniform(0.07, 0.25) * RATE)
    return out


def burst(chance: np.random.Generator) -> Wave:
    """Wind, a passing car, crackle of the line: noise of any colour."""
    length = chance.uniform(0.15, 0.7)
    return band_noise(chance, length, chance.uniform(100, 800), chance.uniform(1500, 3600), chance.uniform(0, 6)) * np.hanning(
        round(length * RATE)
    )


def breath(chance: np.random.Generator) -> Wave:
    length = chance.uniform(0.4, 0.9)
    return band_noise(chance, length, chance.uniform(400, 900), 3400, chance.uniform(1, 4)) * np.hanning(round(length * RATE)) ** 2


def clink(chance: np.random.Generator) -> Wave:
    """A cup on its saucer: decaying tones that no voice has."""
    out = np.zeros(round(chance.uniform(0.3, 0.6) * RATE))
    for _ in range(chance.integers(1, 4)):
        start = round(chance.uniform(0, 0.15) * RATE)
        t = np.arange(len(out) - start) / RATE
        for hertz in chance.uniform(900, 3400, size=4):
            out[start:] += np.sin(2 * np.pi * hertz * t) * 0.5 ** (t / chance.uniform(0.01, 0.04)) * chance.uniform(0.3, 1)
    return out


MAKERS: Final[dict[str, Maker]] = {
    "cough": cough,
    "throat": throat,
    "click": click,
    "door": door,
    "keyboard": keyboard,
    "burst": burst,
    "breath": breath,
    "clink": clink,
}


def made(name: str, seed: int) -> Pcm:
    """One noise of this name, at LOUDEST_DBOV. The same for the same seed."""
    index = list(MAKERS).index(name)
    wave = MAKERS[name](np.random.default_rng([index, seed]))
    pcm = faded(np.asarray(np.rint(wave / np.abs(wave).max() * 16_000), dtype=np.int16))
    return amplified(pcm, LOUDEST_DBOV - loudest_dbov(pcm))
