"""Moonshine on real speech: a public-domain reading that comes with the wheel of its weights."""

import asyncio
import importlib.util
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import RATE, Pcm
from agents.stt.moonshine import MoonshineTranscriber, padded, token_cap
from agents.stt.moonshine_model import MoonshineModel, assets_folder
from agents.stt.moonshine_tokens import Vocabulary
from agents.stt.transcriber import TranscriptionError
from tests.agents.stt.transcriber_contract import TranscriberContract

pytestmark = pytest.mark.speech


def _reading() -> Pcm:
    import soxr

    with wave.open(str(assets_folder().parent / "two_cities.wav")) as source:
        pcm = np.frombuffer(source.readframes(source.getnframes()), dtype=np.int16)
        resampled: Pcm = soxr.resample(pcm, source.getframerate(), RATE).astype(np.int16)
        return resampled


@pytest.fixture(scope="module")
def reading() -> Pcm:
    return _reading()


@pytest.fixture
def speech(reading: Pcm) -> Pcm:
    return reading[: 3 * RATE]


@pytest.fixture
def expected() -> str:
    return "it was the best of times"


@pytest.fixture
async def transcriber() -> AsyncIterator[MoonshineTranscriber]:
    transcriber = MoonshineTranscriber(threads=2)
    await transcriber.warm_up()
    yield transcriber
    await transcriber.close()


class TestMoonshine(TranscriberContract):
    pass


async def test_a_minute_comes_back_in_one_text(transcriber: MoonshineTranscriber, reading: Pcm) -> None:
    minute = np.tile(reading, 4)[: 60 * RATE] if len(reading) < 60 * RATE else reading[: 60 * RATE]
    heard = await transcriber.transcribe(minute)
    text = heard.text.lower()
    assert text.startswith("it was the best of times")
    assert heard.confidence is not None and 0.3 < heard.confidence < 1.0
    assert len(text.split()) > 80


@pytest.mark.parametrize("kind", ["white", "pink", "hum", "clicks"])
@pytest.mark.parametrize("dbov", [-50, -35, -20])
async def test_noise_holds_no_words(transcriber: MoonshineTranscriber, kind: str, dbov: float) -> None:
    heard = await transcriber.transcribe(noise(kind, dbov, 3.0))
    assert (heard.text, heard.confidence) == ("", None)


async def test_a_cancelled_caller_frees_the_threads_at_once(transcriber: MoonshineTranscriber, reading: Pcm) -> None:
    tasks = [asyncio.create_task(transcriber.transcribe(reading[: 20 * RATE])) for _ in range(8)]
    await asyncio.sleep(0.3)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    heard = await transcriber.transcribe(reading[: 3 * RATE])
    assert "best of times" in heard.text.lower()
    assert heard.took_s < 3.0


def test_a_missing_wheel_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(TranscriptionError, match=r"moonshine-voice==0\.0\.73 is not installed.*pip install moonshine-voice==0\.0\.73"):
        MoonshineTranscriber(threads=1)


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"):
        (tmp_path / name).write_bytes(b"not a model")
    with pytest.raises(TranscriptionError, match="cannot load"):
        MoonshineModel(tmp_path)


def test_the_shortest_utterance_is_padded_to_a_second() -> None:
    samples = padded(np.full(10, 16384, dtype=np.int16))
    assert len(samples) == RATE
    assert samples.max() == 0.5


def test_the_token_cap_grows_with_the_audio() -> None:
    assert token_cap(0.1) >= 4
    assert token_cap(20) > token_cap(10)


def test_the_vocabulary_reads_two_byte_lengths_and_raw_bytes(tmp_path: Path) -> None:
    long = b"x" * 300
    pieces = [b"", b"<s>", b"</s>", b"<0xC3>", b"<0xA9>", "\u2581caf".encode(), long]
    data = b"".join((bytes([len(p)]) if len(p) < 128 else bytes([128 + len(p) % 128, len(p) // 128])) + p for p in pieces)
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(data)
    vocabulary = Vocabulary.read(path)
    assert len(vocabulary) == 7
    assert vocabulary.text([1, 5, 3, 4, 2]) == "café"
    assert vocabulary.text([6]) == "x" * 300
    assert vocabulary.text([99]) == ""


@given(st.binary(max_size=200))
def test_any_vocabulary_file_is_read_or_refused(data: bytes) -> None:
    from agents.stt.moonshine_tokens import _split

    try:
        pieces = _split(data)
    except ValueError:
        return
    assert sum(len(p) + (1 if len(p) < 128 else 2) for p in pieces) <= len(data)


def noise(kind: str, dbov: float, seconds: float) -> Pcm:
    """Noise at a level of ``dbov``, the same each time."""
    rng = np.random.default_rng(7)
    n = round(seconds * RATE)
    if kind == "hum":
        samples = np.stack([np.sin(2 * np.pi * 50 * k * np.arange(n) / RATE) / k for k in (1, 2, 3, 5)]).sum(axis=0)
    elif kind == "clicks":
        samples = np.zeros(n)
        samples[rng.integers(0, n, 40)] = 1.0
    else:
        samples = rng.standard_normal(n)
        if kind == "pink":
            spectrum = np.fft.rfft(samples) / np.sqrt(np.maximum(1, np.arange(n // 2 + 1)))
            samples = np.fft.irfft(spectrum, n)
    samples = samples / np.sqrt((samples**2).mean()) * 32768 * 10 ** (dbov / 20)
    clipped: Pcm = np.clip(samples, -32768, 32767).astype(np.int16)
    return clipped
