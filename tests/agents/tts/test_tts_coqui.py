"""The contract for Coqui's library, on a real model with random weights.

Needs the extra: ``.venv/bin/pip install '.[coqui]'``, or any other Python that has it, named in ``PATCHCORD_COQUI_PYTHON``.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.tts.cache import CachedSpeaker
from agents.tts.config import CoquiConfig, SpeakerConfig
from agents.tts.coqui import CoquiSpeaker
from agents.tts.factory import Places, open_chain
from agents.tts.iterating import drain
from agents.tts.runtime import PackagePython
from agents.tts.speaker import Speaker, SpeechError
from tests.agents.tts import tiny_vits
from tests.agents.tts.conftest import UnpackedTree
from tests.agents.tts.speaker_contract import SENTENCE, SpeakerContract

PYTHON = os.environ.get("PATCHCORD_COQUI_PYTHON", "")
HAVE_IT = bool(PYTHON) or importlib.util.find_spec("TTS") is not None
needs_coqui = pytest.mark.skipif(not HAVE_IT, reason="coqui-tts is not installed: pip install '.[coqui]', or set PATCHCORD_COQUI_PYTHON")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vits")
    made = subprocess.run([PYTHON or sys.executable, tiny_vits.__file__, str(folder)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-2000:]
    return folder


@pytest.fixture(scope="session")
def config(tiny: Path) -> CoquiConfig:
    return CoquiConfig(model=str(tiny), python=PYTHON, threads=1, device="cpu")


@needs_coqui
class TestCoqui(SpeakerContract):
    times_words = False

    @pytest.fixture
    async def speaker(self, config: CoquiConfig, tmp_path: Path) -> AsyncIterator[Speaker]:
        speaker = CoquiSpeaker(config, tmp_path)
        await speaker.warm_up()
        yield speaker
        await speaker.close()


@needs_coqui
async def test_the_first_sentence_is_heard_before_the_last_is_made(config: CoquiConfig, tmp_path: Path) -> None:
    speaker = CoquiSpeaker(config, tmp_path)
    await speaker.warm_up()
    chunks = [len(chunk) async for chunk in speaker.speak(f"{SENTENCE} {SENTENCE} {SENTENCE}")]
    assert len(chunks) > 10
    assert max(chunks) < sum(chunks) / 3
    await speaker.close()


@needs_coqui
async def test_prepared_sentences_are_kept_for_this_model_only(config: CoquiConfig, tiny: Path, tmp_path: Path) -> None:
    for prepared in (1, 0):
        cached = CachedSpeaker(CoquiSpeaker(config, tmp_path), tmp_path / "cache")
        assert await cached.prepare(["Welcome."]) == prepared
        await cached.close()
    other = tmp_path / "other"
    other.mkdir()
    for file in tiny.iterdir():  # noqa: ASYNC240 - two files, in a test
        (other / file.name).write_bytes(file.read_bytes())
    (other / "config.json").write_text((tiny / "config.json").read_text().replace('"length_scale": 1.8', '"length_scale": 1.9'))
    cached = CachedSpeaker(CoquiSpeaker(config.model_copy(update={"model": str(other)}), tmp_path), tmp_path / "cache")
    assert cached.name != f"coqui:{tiny}"
    assert await cached.prepare(["Welcome."]) == 1
    await cached.close()


@needs_coqui
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "vits"}, r"'vits' is neither a folder nor a name such as tts_models/en/ljspeech/vits"),
        ({"model": "tts_models/en/nobody/nothing"}, r"cannot be downloaded \(KeyError\); check the name and the network"),
        ({"device": "cuda"}, r"torch finds no GPU|CUDA"),
    ],
)
async def test_what_cannot_be_loaded_is_named(config: CoquiConfig, tmp_path: Path, change: dict[str, str], message: str) -> None:
    speaker = CoquiSpeaker(config.model_copy(update=change), tmp_path)
    with pytest.raises(SpeechError, match=rf"^coqui: .*({message})"):
        await speaker.warm_up()
    await speaker.close()


@needs_coqui
async def test_damaged_weights_are_named(config: CoquiConfig, tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((tiny / "config.json").read_bytes())
    (tmp_path / "model.pth").write_bytes(b"not a model")
    speaker = CoquiSpeaker(config.model_copy(update={"model": str(tmp_path)}), tmp_path)
    with pytest.raises(SpeechError, match=r"coqui: cannot load the model"):
        await speaker.warm_up()
    await speaker.close()


# --- without the extra


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed here")
@pytest.mark.speech
async def test_without_its_packages_the_next_voice_speaks(tree: UnpackedTree, tmp_path: Path) -> None:
    """In the time that it takes to notice, and with one line that names the remedy."""
    config = SpeakerConfig.model_validate({"chain": "coqui:tts_models/en/ljspeech/vits,flite:rms"})
    chain = await open_chain(config.chain, config, Places(tree, tmp_path / "cache", tmp_path / "models"))
    assert chain.name == "flite:rms"
    assert len(await drain(chain.speak("Hello.")))
    await chain.close()
    alone = CoquiSpeaker(CoquiConfig(), tmp_path)
    with pytest.raises(SpeechError, match=r"^coqui: torch is not installed for .*; install it with: pip install '\.\[coqui\]'"):
        await alone.warm_up()
    await alone.close()


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match=r"there is no Python '/nowhere/python'; name the one that has the voice's packages"):
        CoquiSpeaker(CoquiConfig(python="/nowhere/python"), tmp_path)
    assert PackagePython().command("usr/bin/python3", "-c", "1") == [sys.executable, "-c", "1"]
