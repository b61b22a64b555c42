"""The double of a voice: a hum as long as the text would take to say. Deterministic, needs nothing."""

import re
from collections.abc import AsyncGenerator
from functools import partial
from typing import Final

import numpy as np

from agents.audio import RATE, Pcm, seconds
from agents.tts.plain_text import places, plain
from agents.tts.word_times import Speech, Timeline, WordTime

SECONDS_PER_CHARACTER: Final = 0.06
"""Ordinary English speech: 15 to 17 characters a second."""
_CHUNK: Final = RATE // 10
_FADE: Final = RATE * 5 // 1000
_AMPLITUDE: Final = 32768 * 10 ** (-20 / 20) * 2**0.5
"""A sine at the level of all voices, -20 dBov."""


class ToneSpeaker:
    """``pitch_hz`` makes two of them distinguishable by ear and by measurement."""

    def __init__(self, pitch_hz: float = 220.0) -> None:
        self.name = "tone"
        self._pitch_hz = pitch_hz
        self._closed = False

    async def version(self) -> str:
        return f"1 at {self._pitch_hz:g} Hz"

    def speak(self, text: str) -> Speech:
        return Speech(partial(self._speak, text))

    async def _speak(self, text: str, words: list[WordTime]) -> AsyncGenerator[Pcm, None]:
        line, timeline = plain(text), Timeline(words, places(text))
        tone = self._tone(max(0.2, len(line) * SECONDS_PER_CHARACTER))
        per_character = seconds(tone) / len(line)
        for word in re.finditer(r"\S+", line):
            timeline.add(WordTime(word.start(), word.end(), word.start() * per_character, word.end() * per_character))
        for start in range(0, len(tone), _CHUNK):
            chunk = tone[start : start + _CHUNK]
            timeline.made(chunk, 0.0)
            yield chunk
        timeline.finish()

    async def close(self) -> None:
        """Nothing to give back."""

    def _tone(self, seconds: float) -> Pcm:
        time = np.arange(round(seconds * RATE)) / RATE
        shape = np.minimum(1, np.minimum(np.arange(len(time)), np.arange(len(time))[::-1]) / _FADE)
        return np.rint(_AMPLITUDE * shape * np.sin(2 * np.pi * self._pitch_hz * time)).astype(np.int16)
