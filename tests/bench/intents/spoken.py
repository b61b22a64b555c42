"""Sentences as a recogniser hears them on a telephone: spoken by machines, through G.711 mu-law, written down again."""

import asyncio
from collections.abc import Sequence
from typing import Final

import numpy as np
import soxr

from agents.audio import RATE, Pcm
from agents.stt.moonshine import MoonshineTranscriber
from ari_app.media import g711
from tests.bench.speech import say
from tests.bench.turns.voices import Voices

VOICES: Final = ("rhvoice:bdl", "rhvoice:slt", "flite:rms")
_REPORT_EVERY: Final = 200


def heard(spoken: Sequence[tuple[str, str]]) -> list[str]:
    """What was recognised of each (voice, text). Raises SpeechError without voices, TranscriptionError without a model."""
    return asyncio.run(_heard(spoken))


async def _heard(spoken: Sequence[tuple[str, str]]) -> list[str]:
    ear = MoonshineTranscriber(threads=1)
    out = []
    try:
        async with Voices() as speakers:
            for voice, text in spoken:
                narrow = np.asarray(await speakers.say(voice, text), dtype=np.int16)
                line = np.frombuffer(g711.decode(g711.encode(narrow.tobytes(), "ulaw"), "ulaw"), dtype=np.int16)
                out.append((await ear.transcribe(_wide(line))).text)
                if len(out) % _REPORT_EVERY == 0:
                    say(f"  {len(out)} of {len(spoken)} sentences recognised")
    finally:
        await ear.close()
    return out


def _wide(narrow: Pcm) -> Pcm:
    out: Pcm = np.clip(soxr.resample(narrow.astype(np.float64), g711.RATE, RATE), -32768, 32767).astype(np.int16)
    return out
