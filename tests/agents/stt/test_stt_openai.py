"""The recogniser over HTTP, against a server that is really there, and its faults."""

import asyncio
import socket
from collections.abc import AsyncIterator

import numpy as np
import pytest

from agents.audio import RATE, Pcm
from agents.stt.config import OpenAITranscriberConfig
from agents.stt.openai_audio import OpenAITranscriber
from agents.stt.transcriber import Hint, TranscriptionError
from tests.agents.stt.audio_server import KEY, AudioServer, Fault, audio_server
from tests.agents.stt.transcriber_contract import TranscriberContract

SPEECH: Pcm = np.full(RATE, 1000, dtype=np.int16)


@pytest.fixture
async def server() -> AsyncIterator[AudioServer]:
    async with audio_server() as server:
        yield server


def opened(url: str, key: str = KEY, **changes: object) -> OpenAITranscriber:
    config = {"url": url, "key_env": "SPEECH_KEY", "model": "whisper-1", "connect_s": 0.3, "answer_s": 0.3, **changes}
    return OpenAITranscriber(OpenAITranscriberConfig.model_validate(config), {"SPEECH_KEY": key})


@pytest.fixture
async def transcriber(server: AudioServer) -> AsyncIterator[OpenAITranscriber]:
    transcriber = opened(server.url, answer_s=5)
    yield transcriber
    await transcriber.close()


@pytest.fixture
def speech() -> Pcm:
    return SPEECH


@pytest.fixture
def expected() -> str:
    return "best of times"


class TestOpenAI(TranscriberContract):
    pass


async def test_asks_as_the_protocol_wants_it(server: AudioServer) -> None:
    transcriber = opened(server.url + "/", language="es", prompt="Harbor Home", digits_prompt="4 2 7")
    await transcriber.transcribe(SPEECH)
    await transcriber.transcribe(SPEECH, Hint.DIGITS)
    first, second = server.requests
    assert first == {
        "path": "/v1/audio/transcriptions",
        "model": "whisper-1",
        "response_format": "json",
        "temperature": "0",
        "language": "es",
        "prompt": "Harbor Home",
    }
    assert second["prompt"] == "4 2 7"
    await transcriber.close()


async def test_silence_costs_no_request(server: AudioServer, transcriber: OpenAITranscriber) -> None:
    await transcriber.transcribe(np.zeros(5 * RATE, dtype=np.int16))
    assert server.requests == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("500", r"answered 500 \(server_error\); try again"),
        ("429", r"answered 429 \(rate_limit_exceeded\): too many requests or no credit"),
        ("404", "answered 404 .*; check the url, the model and the voice"),
        ("stall", r"did not answer in time; .*answer_s \(0\.3\)"),
        ("cut", "broke off its answer"),
        ("html", r"text/html, not JSON; check that the url ends in /v1"),
        ("json", "holds no text; check that the url leads to a recogniser"),
        ("endless", "the answer is far too long"),
    ],
)
async def test_every_fault_is_one_error_and_the_next_request_works(server: AudioServer, fault: Fault, message: str) -> None:
    transcriber = opened(server.url)
    server.fault = fault
    with pytest.raises(TranscriptionError, match=rf"^openai:whisper-1: .*({message})"):
        await asyncio.wait_for(transcriber.transcribe(SPEECH), 5)
    server.fault = ""
    server.released.set()
    assert (await transcriber.transcribe(SPEECH)).text == "It was the best of times"
    await transcriber.close()


async def test_a_wrong_key_is_named_by_its_variable_and_never_shown(server: AudioServer) -> None:
    transcriber = opened(server.url, key="sk-wrong-one")
    with pytest.raises(TranscriptionError, match=r"answered 401 \(invalid_api_key\); check the key in SPEECH_KEY") as caught:
        await transcriber.transcribe(SPEECH)
    assert "sk-wrong" not in str(caught.value)
    await transcriber.close()


async def test_a_key_that_is_not_set_is_named() -> None:
    config = OpenAITranscriberConfig()
    with pytest.raises(TranscriptionError, match="environment variable OPENAI_API_KEY is not set"):
        OpenAITranscriber(config, {})
    with pytest.raises(TranscriptionError, match="OTHER_KEY is not set"):
        OpenAITranscriber(config.model_copy(update={"key_env": "OTHER_KEY"}), {"OPENAI_API_KEY": "x", "OTHER_KEY": " "})


async def test_a_server_of_ones_own_needs_no_key(server: AudioServer) -> None:
    transcriber = OpenAITranscriber(OpenAITranscriberConfig(url=server.url), {})
    assert (await transcriber.transcribe(SPEECH)).text
    await transcriber.close()


async def test_nobody_at_the_address_is_told_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        transcriber = opened(f"http://127.0.0.1:{free.getsockname()[1]}/v1")
    with pytest.raises(TranscriptionError, match="cannot be reached; check the url and the network"):
        await asyncio.wait_for(transcriber.transcribe(SPEECH), 5)
    await transcriber.close()


async def test_a_name_that_does_not_exist_is_told() -> None:
    transcriber = opened("http://nobody.invalid/v1", connect_s=2)
    with pytest.raises(TranscriptionError, match=r"cannot be reached|did not answer"):
        await asyncio.wait_for(transcriber.transcribe(SPEECH), 20)
    await transcriber.close()
