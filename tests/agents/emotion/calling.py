"""A caller for tests of the monitor: an utterance that sounds like a voice, and what is made of it."""

from collections.abc import Sequence

import numpy as np

from agents.audio import RATE, Pcm
from agents.conversation.attention import Heard
from agents.line import CallerAudio
from agents.transcript import Turn

PIECE = RATE // 10


def voice(seconds: float = 2.0, pitch_hz: float = 130.0, level: float = 0.1, seed: int = 1) -> Pcm:
    """Syllables of a buzz with the harmonics of a voice and a little noise."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.05 * np.sin(2 * np.pi * 0.7 * time))) / RATE
    buzz = sum((np.sin(number * phase) / number for number in range(1, int(3400 / pitch_hz))), np.zeros_like(time))
    syllables = np.clip(np.sin(2 * np.pi * 2.2 * time), 0, 1) ** 0.5
    noise = np.random.default_rng(seed).standard_normal(len(time)) * 0.0005
    sound = np.clip(level * buzz * syllables + noise, -1, 1) * 32_000
    return sound.astype(np.int16)


def tagged(pcm: Pcm, at: float = 0.0) -> tuple[CallerAudio, ...]:
    """As a line delivers it: pieces of 100 ms."""
    return tuple(CallerAudio(at + start / RATE, pcm[start : start + PIECE]) for start in range(0, len(pcm), PIECE))


def heard(
    text: str = "where is my parcel",
    *,
    number: int = 1,
    revision: int = 0,
    at: float = 10.0,
    audio: Sequence[CallerAudio] = (),
    interrupting: bool = False,
    confidence: float | None = None,
) -> Heard:
    return Heard(number, revision, text, tuple(audio), at, at + 2.0, interrupting, confidence)


def turn_of(said: Heard) -> Turn:
    return Turn(said.utterance, "caller", said.text, said.text, said.started_at, said.ended_at)
