"""Voices made by formula: people differ in pitch and loudness, emotions in how far they go from that. Clips for training."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from agents.audio import RATE, Pcm

soundfile = pytest.importorskip("soundfile", reason="not installed: pip install '.[emotion]'")

MOVED: Final = {
    "angry": (5.0, 9.0, 0.6),
    "happy": (7.0, 5.0, 1.0),
    "neutral": (0.0, 0.0, 1.0),
    "calm": (-0.5, -1.0, 1.05),
    "sad": (-1.0, -4.0, 1.3),
}
"""Of each emotion: semitones and dB from the speaker's usual, and the exponent by which harmonics fall."""
CODES: Final = {"neutral": "01", "calm": "02", "happy": "03", "sad": "04", "angry": "05"}


def spoken(speaker: str, label: str, number: int, length_s: float = 1.3) -> Pcm:
    """The same for the same arguments."""
    draw = np.random.default_rng(zlib.crc32(f"{speaker}/{label}/{number}".encode()))
    person = np.random.default_rng(zlib.crc32(speaker.encode()))
    pitch, level = 105.0 * 2 ** person.uniform(0, 1), person.uniform(-29, -24)
    semitones, decibels, fall = MOVED[label]
    time = np.arange(round(length_s * RATE)) / RATE
    glide = semitones + 1.2 * np.sin(2 * np.pi * draw.uniform(0.6, 1.4) * time + draw.uniform(0, 6)) + draw.normal(0, 0.4)
    phase = 2 * np.pi * np.cumsum(pitch * 2 ** (glide / 12)) / RATE
    voice = sum((np.sin(each * phase) / each**fall for each in range(1, 18)), start=np.zeros_like(time))
    syllables = np.clip(np.sin(np.pi * draw.uniform(3.2, 4.2) * time) ** 2 * 1.5 - 0.2, 0, 1)
    shaped = voice * syllables
    gain = 32768 * 10 ** ((level + decibels + draw.normal(0, 0.7)) / 20) / np.sqrt(np.mean(shaped[syllables > 0.3] ** 2))
    pcm: Pcm = np.clip(np.rint(shaped * gain + draw.normal(0, 6, len(time))), -32768, 32767).astype(np.int16)
    return pcm


def write_clip(path: Path, pcm: Pcm, rate: int = RATE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(str(path), pcm, rate, subtype="PCM_16")


def write_ravdess(folder: Path, actors: int, labels: Sequence[str] = tuple(CODES), each: int = 2) -> Path:
    """``each`` clips of each label by each actor, with the names of RAVDESS."""
    for actor in range(1, actors + 1):
        for label in labels:
            for number in range(1, each + 1):
                name = f"03-01-{CODES[label]}-01-{(number - 1) % 2 + 1:02}-{(number - 1) // 2 + 1:02}-{actor:02}.wav"
                write_clip(folder / name, spoken(f"actor {actor}", label, number))
    return folder


def write_named(folder: Path, people: Sequence[str], labels: Sequence[str], each: int = 2) -> Path:
    """``anna/2_angry.flac`` and the like."""
    for person in people:
        for label in labels:
            for number in range(each):
                write_clip(folder / person / f"{number}_{label}.flac", spoken(person, label, number))
    return folder
