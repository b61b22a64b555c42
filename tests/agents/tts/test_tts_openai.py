"""The voice over HTTP, against a server that is really there, and its faults."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.audio import Pcm
from agents.tts.cache import CachedSpeaker
from agents.tts.config import OpenAISpeakerConfig
from agents.tts.fallback import FallbackSpeaker
from agents.tts.iterating import drain
from agents.tts.leveling import active_level_dbov
from agents.tts.openai_speech import OpenAISpeaker
from agents.tts.speaker import Speaker, SpeechError
from agents.tts.tone import ToneSpeaker
from tests.agents.stt.audio_server import KEY, AudioServer, Fault, audio_server
from tests.agents.tts.speaker_contract import SENTENCE, SpeakerContract


@pytest.fixture
async def server() -> AsyncIterator[AudioServer]:
    async with audio_server() as server:
        yield server


def opened(url: str, key: str = KEY, **changes: object) -> OpenAISpeaker:
    config = {"url": url, "key_env": "SPEECH_KEY", "model": "tts-1", "connect_s": 0.3, "answer_s": 0.3, **changes}
    return OpenAISpeaker(OpenAISpeakerConfig.model_validate(config), {"SPEECH_KEY": key})


class TestOpenAI(SpeakerContract):
    times_words = False

    @pytest.fixture
    async def speaker(self, server: AudioServer) -> AsyncIterator[Speaker]:
        speaker = opened(server.url, answer_s=5)
        await speaker.warm_up()
        yield speaker
        await speaker.close()


async def test_asks_as_the_protocol_wants_it(server: AudioServer) -> None:
    speaker = opened(server.url, voice="nova", instructions="Speak calmly.", rate=1.25)
    await drain(speaker.speak("Good\tmorning."))
    assert server.requests == [
        {
            "path": "/v1/audio/speech",
            "model": "tts-1",
            "voice": "nova",
            "input": "Good morning.",
            "response_format": "pcm",
            "instructions": "Speak calmly.",
            "speed": "1.25",
        }
    ]
    await speaker.close()


async def test_the_level_is_learned_from_the_first_sentence_and_kept(server: AudioServer) -> None:
    speaker = opened(server.url)
    first = active_level_dbov(await drain(speaker.speak(SENTENCE)))
    assert first == pytest.approx(-28, abs=0.5)
    assert active_level_dbov(await drain(speaker.speak(SENTENCE))) == pytest.approx(-20, abs=0.5)
    await speaker.close()
    set_by_hand = opened(server.url, gain_db=3)
    assert active_level_dbov(await drain(set_by_hand.speak(SENTENCE))) == pytest.approx(-25, abs=0.5)
    await set_by_hand.close()


async def test_audio_is_played_while_more_is_on_its_way(server: AudioServer) -> None:
    speaker = opened(server.url, answer_s=5)
    await speaker.warm_up()
    server.fault = "stall_in_the_middle"
    audio = speaker.speak(SENTENCE)
    assert len(await asyncio.wait_for(anext(audio), 3))
    server.released.set()
    assert len(await drain(audio))
    await speaker.close()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("500", r"answered 500 \(server_error\); try again"),
        ("429", r"answered 429 \(rate_limit_exceeded\): too many requests or no credit"),
        ("404", r"answered 404 .*; check the url, the model and the voice"),
        ("stall", r"did not answer in time; .*answer_s \(0\.3\)"),
        ("stall_in_the_middle", r"did not answer in time"),
        ("cut", r"broke off its answer"),
        ("html", r"the answer is text/html, not raw PCM; check that the url ends in /v1"),
        ("json", r"the answer is application/json, not raw PCM"),
        ("odd", r"ended in the middle of a sample"),
        ("empty", r"holds nothing that can be spoken"),
    ],
)
async def test_every_fault_is_one_error_and_the_next_sentence_works(server: AudioServer, fault: Fault, message: str) -> None:
    speaker = opened(server.url)
    await speaker.warm_up()
    server.fault = fault
    with pytest.raises(SpeechError, match=rf"^openai:alloy: .*{message}"):
        await asyncio.wait_for(drain(speaker.speak(SENTENCE)), 5)
    server.fault = ""
    server.released.set()
    assert len(await drain(speaker.speak("Yes.")))
    await speaker.close()


async def test_a_wrong_key_is_named_by_its_variable_and_never_shown(server: AudioServer) -> None:
    speaker = opened(server.url, key="sk-wrong-one")
    with pytest.raises(SpeechError, match=r"answered 401 \(invalid_api_key\); check the key in SPEECH_KEY") as caught:
        await speaker.warm_up()
    assert "sk-wrong" not in str(caught.value)
    await speaker.close()


async def test_a_key_that_is_not_set_is_named() -> None:
    with pytest.raises(SpeechError, match=r"openai:alloy: the environment variable OPENAI_API_KEY is not set"):
        OpenAISpeaker(OpenAISpeakerConfig(), {})


@pytest.mark.parametrize("fault", ["500", "stall", "html"])
async def test_the_next_voice_speaks_in_the_same_sentence(server: AudioServer, fault: Fault) -> None:
    chain = FallbackSpeaker([opened(server.url), ToneSpeaker()], first_audio_s=0.2)
    server.fault = fault
    assert np.array_equal(await drain(chain.speak("Hello.")), await drain(ToneSpeaker().speak("Hello.")))
    await chain.close()


async def test_prepared_sentences_need_no_service_after_a_restart(server: AudioServer, tmp_path: Path) -> None:
    first = CachedSpeaker(opened(server.url), tmp_path)
    assert await first.prepare([SENTENCE]) == 1
    told: Pcm = await drain(first.speak(SENTENCE))
    await first.close()
    server.fault = "500"
    again = CachedSpeaker(opened(server.url), tmp_path)
    assert await again.prepare([SENTENCE]) == 0
    assert np.array_equal(await drain(again.speak(SENTENCE)), told)
    await again.close()


@pytest.mark.parametrize("change", [{"model": "tts-2"}, {"voice": "nova"}, {"instructions": "Whisper."}, {"rate": 1.1}, {"edition": 2}])
async def test_another_setting_has_its_own_sentences(server: AudioServer, tmp_path: Path, change: dict[str, Any]) -> None:
    for speaker in (CachedSpeaker(opened(server.url), tmp_path), CachedSpeaker(opened(server.url, **change), tmp_path)):
        assert await speaker.prepare(["Welcome."]) == 1
        await speaker.close()
