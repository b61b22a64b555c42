"""From plain settings to a chain that listens."""

import asyncio
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from agents.audio import RATE, Pcm
from agents.speech.language_choice import chosen
from agents.stt.config import FasterWhisperConfig, MoonshineConfig, OpenAITranscriberConfig, TranscriberConfig
from agents.stt.factory import open_transcriber, open_transcribers
from agents.stt.languages import LanguageTranscribers
from agents.stt.scripted import ScriptedTranscriber
from agents.stt.transcriber import TranscriptionError
from tests.agents.stt.audio_server import audio_server

SPEECH: Pcm = np.full(RATE, 1000, dtype=np.int16)


def test_the_default_needs_nothing_but_what_is_installed() -> None:
    assert TranscriberConfig().chain == (MoonshineConfig(),)


@pytest.mark.parametrize(
    "written",
    [
        "faster_whisper:small, moonshine",
        ["faster_whisper:small", "moonshine"],
        [{"kind": "faster_whisper", "model": "small"}, {"kind": "moonshine"}],
        [{"kind": "faster_whisper", "model": "small"}, "moonshine"],
    ],
)
def test_short_and_long_forms_mean_the_same(written: object) -> None:
    config = TranscriberConfig.model_validate({"chain": written})
    assert config.chain == (FasterWhisperConfig(model="small"), MoonshineConfig())
    assert TranscriberConfig.model_validate(config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"chain": "whisper"}, "there is no recogniser 'whisper'; known: moonshine, faster_whisper:MODEL"),
        ({"chain": "moonshine:big"}, "there is no recogniser 'moonshine:big'"),
        ({"chain": []}, "at least 1"),
        ({"chain": ""}, "at least 1"),
        ({"chain": [{"kind": "moonshine", "thread": 2}]}, "thread"),
        ({"chain": [{"kind": "openai", "url": "api.openai.com"}]}, "url"),
        ({"chian": []}, "chian"),
        ({"languages": {"Spanish": "moonshine"}}, "Spanish"),
        ({"limit_s": 0}, "limit_s"),
    ],
)
def test_what_cannot_be_meant_is_refused(written: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TranscriberConfig.model_validate(written)


@pytest.mark.speech
async def test_what_is_missing_is_left_out_and_the_next_one_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    chain = await open_transcriber(TranscriberConfig.model_validate({"chain": "openai,faster_whisper,moonshine"}), tmp_path, {})
    assert chain.name == "moonshine"
    first, second = (record.__dict__["reason"] for record in caplog.records)
    assert "OPENAI_API_KEY is not set" in first
    assert "faster_whisper is not installed; install it with: pip install" in second
    await chain.close()


async def test_when_nothing_starts_every_reason_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    config = TranscriberConfig.model_validate({"chain": "openai,faster_whisper:tiny"})
    with pytest.raises(TranscriptionError, match=r"OPENAI_API_KEY is not set.*; faster_whisper: faster_whisper is not installed"):
        await open_transcriber(config, tmp_path, {})


async def test_a_service_that_fails_is_replaced_in_the_same_sentence(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    async with audio_server() as server:
        services = (OpenAITranscriberConfig(url=nobody), OpenAITranscriberConfig(url=server.url))
        chain = await open_transcriber(TranscriberConfig(chain=services), tmp_path, {})
        assert (await asyncio.wait_for(chain.transcribe(SPEECH), 5)).text == "It was the best of times"
        await chain.close()


async def test_each_language_has_its_chain(tmp_path: Path) -> None:
    async with audio_server() as server, audio_server() as spanish:
        spanish.hears = "buenos días"
        config = TranscriberConfig(
            chain=(OpenAITranscriberConfig(url=server.url),), languages={"es": (OpenAITranscriberConfig(url=spanish.url, language="es"),)}
        )
        transcribers = await open_transcribers(config, tmp_path, {})
        assert (await transcribers.for_language("es-MX").transcribe(SPEECH)).text == "Buenos días"
        assert (await transcribers.for_language("fr").transcribe(SPEECH)).text == "It was the best of times"
        assert (await transcribers.transcribe(SPEECH)).text == "It was the best of times"
        await transcribers.close()
        with pytest.raises(TranscriptionError):
            await transcribers.for_language("es").transcribe(SPEECH)


async def test_a_language_that_nobody_hears_closes_what_was_opened(tmp_path: Path) -> None:
    async with audio_server() as server:
        config = TranscriberConfig(chain=(OpenAITranscriberConfig(url=server.url),), languages={"es": (OpenAITranscriberConfig(),)})
        with pytest.raises(TranscriptionError, match="OPENAI_API_KEY"):
            await open_transcribers(config, tmp_path, {})


@pytest.mark.parametrize(
    ("asked", "served"),
    [("es", "es"), ("es-ES", "es"), ("ES_mx", "es-MX"), ("es-MX-x", "es-MX"), ("en-GB", "en"), ("fr", None), ("", None), ("e", None)],
)
def test_a_tag_takes_its_own_or_the_next_wider_one(asked: str, served: str | None) -> None:
    assert chosen(asked, {tag: tag for tag in ("en", "es", "es-MX")}) == served


def test_the_default_gives_its_name() -> None:
    assert LanguageTranscribers(ScriptedTranscriber([]), {}).name == "scripted"
