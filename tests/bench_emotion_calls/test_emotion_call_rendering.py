"""Whole calls in the voices of machines. Skipped where the packages with the voices are not unpacked."""

import numpy as np
import pytest

from tests.bench.emotion_calls.planning import VOICES, angry_calls
from tests.bench.emotion_calls.rendering import Rendering
from tests.bench.emotion_calls.voices import CallerVoices
from tests.bench.turns.voices import runtime_folder

pytestmark = [
    pytest.mark.speech,
    pytest.mark.skipif(not (runtime_folder() / "root/usr/bin/flite").exists(), reason="no voices; run ./patchcord up once"),
]


async def test_an_angry_call_sounds_the_same_each_time_and_becomes_louder() -> None:
    call = angry_calls(3)[2]
    async with CallerVoices() as voices:
        first, again = await Rendering(voices).sounds(call), await Rendering(voices).sounds(call)
    assert len(first) == len(call.utterances)
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    levels = [10 * np.log10((sound.astype(np.float64) ** 2).mean()) for sound in first]
    assert min(levels[call.angry_at[0] :]) > max(levels[: call.angry_at[0]]) + 3


async def test_every_voice_speaks() -> None:
    async with CallerVoices() as voices:
        for voice in (*VOICES["tune"], *VOICES["report"]):
            assert len(await voices.say(voice, "Yes, that is correct.")) > 4000, voice
