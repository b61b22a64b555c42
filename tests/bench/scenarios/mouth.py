"""The caller's voice: sentences by synthesis, numbers by a person's recorded digits where there are some."""

import asyncio
import random

import numpy as np

from agents.audio import Pcm
from ari_app.caller.script import read_wav
from ari_app.media.g711 import RATE
from tests.bench._digit_callers import FOLDER
from tests.bench.scenarios.case import Case
from tests.bench.scenarios.wordings import Digits, Parts, text_of
from tests.bench.turns.sounds_shaping import at_speech_level
from tests.bench.turns.voices import Voices

_BETWEEN_S = 0.22
_AROUND_S = 0.3


class Mouth:
    def __init__(self, case: Case, voices: Voices) -> None:
        self._case = case
        self._voices = voices
        self.phone = case.phone
        self._chance = random.Random(f"{case.seed} digits")
        self._takes = {digit: sorted(FOLDER.glob(f"{digit}_{case.digits_by}_*.wav")) for digit in "0123456789"} if case.digits_by else {}

    async def speech(self, parts: Parts) -> Pcm:
        """8 kHz. Raises SpeechError."""
        if not all(self._takes.values()) or not self._takes or not any(isinstance(part, Digits) for part in parts):
            return await self._voices.say(self._case.voice, text_of(parts))
        pieces: list[Pcm] = []
        for part in parts:
            if isinstance(part, Digits):
                pieces.append(await asyncio.to_thread(self._digits, part.digits))
            elif any(letter.isalnum() for letter in part):
                pieces.append(await self._voices.say(self._case.voice, part.strip()))
            pieces.append(np.zeros(round(RATE * _AROUND_S), dtype=np.int16))
        return np.concatenate(pieces[:-1])

    def _digits(self, digits: str) -> Pcm:
        pieces: list[Pcm] = []
        for digit in digits:
            pieces.append(read_wav(self._chance.choice(self._takes[digit])))
            pieces.append(np.zeros(round(RATE * _BETWEEN_S * self._chance.uniform(0.8, 1.25)), dtype=np.int16))
        return at_speech_level(np.concatenate(pieces[:-1]))
