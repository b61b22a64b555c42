"""The faster-whisper adapter on a real network: tiny, and told beforehand what to say."""

import asyncio
import importlib.util
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from agents.audio import RATE, Pcm, silence
from agents.stt.config import FasterWhisperConfig
from agents.stt.faster_whisper import FasterWhisperTranscriber, token_cap
from agents.stt.transcriber import Hint, TranscriptionError
from agents.stt.whisper_files import model_folder, repository_of
from tests.agents.stt.tiny_whisper import TinyWhisper
from tests.agents.stt.transcriber_contract import TranscriberContract

_ABSENT = [name for name in ("faster_whisper", "ctranslate2", "tokenizers", "av") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(_ABSENT), reason=f"{', '.join(_ABSENT)} not installed: pip install '.[faster_whisper]'")

SAYS = "it was the best of times"
DIGITS_PROMPT = "My number is 4 2 7 1 5."


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    whisper = TinyWhisper(SAYS, {DIGITS_PROMPT: "4 2 7 1 5", "Harbor Home": "Harbor Home it is"})
    return whisper.save(tmp_path_factory.mktemp("whisper") / "tiny")


def configured(folder: Path, **changes: object) -> FasterWhisperConfig:
    return FasterWhisperConfig.model_validate(
        {"model": str(folder), "device": "cpu", "threads": 1, "digits_prompt": DIGITS_PROMPT, **changes}
    )


@pytest.fixture
async def transcriber(tiny: Path, tmp_path: Path) -> AsyncIterator[FasterWhisperTranscriber]:
    transcriber = await FasterWhisperTranscriber.open(configured(tiny), tmp_path)
    await transcriber.warm_up()
    yield transcriber
    await transcriber.close()


@pytest.fixture
def speech() -> Pcm:
    dice = np.random.default_rng(5)
    return (dice.standard_normal(2 * RATE) * 2000).astype(np.int16)


@pytest.fixture
def expected() -> str:
    return SAYS


class TestFasterWhisper(TranscriberContract):
    pass


async def test_says_it_all_and_nothing_else(transcriber: FasterWhisperTranscriber, speech: Pcm) -> None:
    assert (await transcriber.transcribe(speech)).text == "It was the best of times"


async def test_a_minute_is_heard_piece_by_piece(transcriber: FasterWhisperTranscriber, speech: Pcm) -> None:
    minute = np.tile(speech, 30)
    assert (await transcriber.transcribe(minute)).text.lower().count("best of times") == 3


async def test_an_expected_number_is_prompted_for(transcriber: FasterWhisperTranscriber, speech: Pcm) -> None:
    assert (await transcriber.transcribe(speech, Hint.DIGITS)).text == "4 2 7 1 5"


@pytest.mark.parametrize("changes", [{"prompt": "Harbor Home"}, {"words": ("Harbor Home",)}])
async def test_a_prompt_and_words_reach_the_network(tiny: Path, tmp_path: Path, speech: Pcm, changes: dict[str, object]) -> None:
    transcriber = await FasterWhisperTranscriber.open(configured(tiny, **changes), tmp_path)
    assert (await transcriber.transcribe(speech)).text == "Harbor Home it is"
    await transcriber.close()


@pytest.mark.parametrize(("no_speech", "heard"), [(0.6, False), (1.0, True)])
async def test_an_unsure_text_without_speech_is_dropped(tmp_path: Path, speech: Pcm, no_speech: float, heard: bool) -> None:
    folder = TinyWhisper(SAYS, unsure=True).save(tmp_path / "unsure")
    transcriber = await FasterWhisperTranscriber.open(configured(folder, no_speech=no_speech), tmp_path)
    assert bool((await transcriber.transcribe(speech)).text) == heard
    await transcriber.close()


async def test_one_phrase_over_and_over_is_dropped(tmp_path: Path, speech: Pcm) -> None:
    folder = TinyWhisper(" ".join(["thank you very much"] * 20)).save(tmp_path / "loop")
    transcriber = await FasterWhisperTranscriber.open(configured(folder), tmp_path)
    assert (await transcriber.transcribe(np.tile(speech, 5))).text == ""
    await transcriber.close()


async def test_a_cancelled_caller_frees_the_thread(transcriber: FasterWhisperTranscriber, speech: Pcm) -> None:
    waiting = [asyncio.create_task(transcriber.transcribe(np.tile(speech, 60))) for _ in range(20)]
    await asyncio.sleep(0.1)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    heard = await transcriber.transcribe(speech)
    assert heard.text
    assert heard.took_s < 3


def test_the_token_cap_grows_with_the_audio() -> None:
    assert token_cap(0.1) == 8
    assert token_cap(20) == 2 * token_cap(10)


async def test_a_gpu_that_is_not_there_is_named(tiny: Path, tmp_path: Path) -> None:
    import ctranslate2  # type: ignore[import-untyped,import-not-found,unused-ignore]

    if ctranslate2.get_cuda_device_count():
        pytest.skip("this machine has a GPU")
    with pytest.raises(TranscriptionError, match=r"finds no GPU.*set device to cpu"):
        await FasterWhisperTranscriber.open(configured(tiny, device="cuda"), tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"language": "es"}, "writes only en.*choose"),
        ({"compute_type": "int3"}, "cannot load .* with int3"),
        ({"model": "./nowhere"}, r"nowhere holds no model\.bin and no config\.json"),
        ({"model": "enormous"}, "no model 'enormous'; name a folder.*tiny.en"),
    ],
)
async def test_what_cannot_be_loaded_is_named(tiny: Path, tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(TranscriptionError, match=message):
        await FasterWhisperTranscriber.open(configured(tiny, **changes), tmp_path)


async def test_damaged_weights_are_named(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    for name in ("config.json", "tokenizer.json", "vocabulary.json"):
        (tmp_path / "bad" / name).write_bytes((tiny / name).read_bytes())
    (tmp_path / "bad" / "model.bin").write_bytes(b"not a model")
    with pytest.raises(TranscriptionError, match=r"cannot load .*bad on cpu with int8"):
        await FasterWhisperTranscriber.open(configured(tmp_path / "bad"), tmp_path)


async def test_a_missing_package_is_named_with_its_remedy(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(TranscriptionError, match=r"ctranslate2 is not installed; install it with: pip install '\.\[faster_whisper\]'"):
        await FasterWhisperTranscriber.open(configured(tiny), tmp_path)


# --- fetching


class Hub:
    """Stands in for the hub's client, which would need the network: what it fetched is judged by the files it leaves."""

    def __init__(self, source: Path | None) -> None:
        self.source, self.asked = source, 0

    def snapshot_download(self, repository: str, *, local_dir: Path, **_: object) -> None:
        self.asked += 1
        if self.source is None:
            (local_dir / "model.bin").write_bytes(b"half")
            raise ConnectionError(repository)
        for file in self.source.iterdir():
            (local_dir / file.name).write_bytes(file.read_bytes())


def test_a_model_is_fetched_once(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub(tiny)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    with caplog.at_level(logging.INFO):
        folder = model_folder("tiny", tmp_path)
    assert model_folder("tiny", tmp_path) == folder
    assert hub.asked == 1
    assert [record.message for record in caplog.records] == ["model_download_began", "model_download_done"]


def test_what_was_interrupted_is_fetched_again(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", Hub(None))
    with pytest.raises(TranscriptionError, match=r"cannot be downloaded .*check the network and the name, or set model to a folder"):
        model_folder("someone/whisper", tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", Hub(tiny))
    assert (model_folder("someone/whisper", tmp_path) / "model.bin").stat().st_size > 10_000


def test_sizes_have_their_names_on_the_hub() -> None:
    assert repository_of("small").endswith("faster-whisper-small")
    assert repository_of("someone/whisper") == "someone/whisper"


async def test_silence_is_not_even_given_to_the_network(transcriber: FasterWhisperTranscriber) -> None:
    assert (await transcriber.transcribe(silence(30))).text == ""
