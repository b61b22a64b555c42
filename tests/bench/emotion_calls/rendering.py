"""The sound of whole calls, as it is said and as the analyser gets it."""

import asyncio
from typing import Final

from agents.audio import Pcm
from tests.bench.emotion_calls.call import Call
from tests.bench.emotion_calls.sounding import over_the_line, shaped, with_noise
from tests.bench.emotion_calls.voices import CallerVoices

_CROWD: Final = (
    ("rhvoice:clb", "Shall we take the early bus or the one after lunch? I don't mind, as long as we get a seat."),
    ("rhvoice:alan", "The figures for the spring are on the second page, and the ones for the summer will follow."),
    ("flite:slt", "She moved the table to the other side of the room, so that the light falls on it."),
    ("flite:rms", "There are eleven of them in the cupboard, and I think two more in the car."),
    ("rhvoice:slt", "We could ask the people next door whether they have a ladder that is long enough."),
)
"""Who talks in the background of a babbling line, and what."""


class Rendering:
    """``await Rendering(voices).sounds(call)``: one piece for each utterance. Raises SpeechError."""

    def __init__(self, voices: CallerVoices) -> None:
        self._voices = voices

    async def sounds(self, call: Call) -> tuple[Pcm, ...]:
        """As the analyser gets them, at 16 kHz."""
        return tuple(over_the_line(said) for said in await self.said(call))

    async def said(self, call: Call) -> tuple[Pcm, ...]:
        """As they go into the caller's telephone, at 8 kHz."""
        crowd = await self._babble(call.voice) if call.line.noise == "babble" else ()
        clean = [await self._voices.say(call.voice, each.text) for each in call.utterances]
        return await asyncio.to_thread(_noisy, call, clean, crowd)

    async def _babble(self, own: str) -> tuple[Pcm, ...]:
        """Of all but the caller's own voice."""
        return tuple([await self._voices.say(voice, text) for voice, text in _CROWD if voice != own])


def _noisy(call: Call, clean: list[Pcm], crowd: tuple[Pcm, ...]) -> tuple[Pcm, ...]:
    usual = call.utterances[0].level_dbov
    return tuple(
        with_noise(shaped(voice, how), call.line, usual, call.seed * 100 + index, crowd)
        for index, (voice, how) in enumerate(zip(clean, call.utterances, strict=True))
    )
