"""The contract for Piper, on a voice of 3 kB.

Needs the extra: ``.venv/bin/pip install '.[piper]'``, or any other Python that has it, named in ``PATCHCORD_PIPER_PYTHON``.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # no stubs in the lock file
import pytest

from agents.tts.config import PiperConfig
from agents.tts.iterating import drain
from agents.tts.piper import PiperSpeaker
from agents.tts.speaker import Speaker, SpeechError
from tests.agents.tts import tiny_piper
from tests.agents.tts.speaker_contract import SENTENCE, SpeakerContract

PYTHON = os.environ.get("PATCHCORD_PIPER_PYTHON", "")
HAVE_IT = bool(PYTHON) or importlib.util.find_spec("piper") is not None
needs_piper = pytest.mark.skipif(not HAVE_IT, reason="piper-tts is not installed: pip install '.[piper]', or set PATCHCORD_PIPER_PYTHON")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("piper")
    made = subprocess.run([PYTHON or sys.executable, tiny_piper.__file__, str(folder)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-2000:]
    return folder / "tiny.onnx"


@pytest.fixture
async def opened(tiny: Path, tmp_path: Path) -> AsyncIterator[PiperSpeaker]:
    speaker = PiperSpeaker(PiperConfig(voice=str(tiny), python=PYTHON), tmp_path)
    await speaker.warm_up()
    yield speaker
    await speaker.close()


@needs_piper
class TestPiper(SpeakerContract):
    times_words = False

    @pytest.fixture
    def speaker(self, opened: PiperSpeaker) -> Speaker:
        return opened


@needs_piper
async def test_brackets_are_no_phonemes(opened: PiperSpeaker) -> None:
    assert len(await drain(opened.speak("[[ not phonemes ]] but words"))) > len(await drain(opened.speak("but words")))


@needs_piper
async def test_half_a_sentence_that_cannot_be_repeated_is_not_carried_on(opened: PiperSpeaker) -> None:
    audio = opened.speak(" ".join([SENTENCE] * 25))
    await anext(audio)
    (helper,) = (child for child in psutil.Process().children() if any("helper_server" in word for word in child.cmdline()))
    helper.kill()
    with pytest.raises(SpeechError, match=r"piper: the helper died in mid-sentence"):
        await drain(audio)
    assert len(await drain(opened.speak("Yes.")))


@needs_piper
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"voice": "/nowhere/x.onnx"}, r"/nowhere holds no x\.onnx and no x\.onnx\.json"),
        ({"voice": "lessac"}, r"'lessac' is neither an \.onnx file nor a name such as"),
        ({"speaker": "Anna"}, r"tiny\.onnx has no speaker 'Anna'; known: none by name"),
    ],
)
async def test_what_cannot_be_loaded_is_named(tiny: Path, tmp_path: Path, change: dict[str, str], message: str) -> None:
    config = PiperConfig.model_validate({"voice": str(tiny), "python": PYTHON, **change})
    speaker = PiperSpeaker(config, tmp_path)
    with pytest.raises(SpeechError, match=rf"^piper: {message}"):
        await speaker.warm_up()
    await speaker.close()


@pytest.mark.skipif(importlib.util.find_spec("piper") is not None, reason="piper is installed here")
async def test_a_missing_package_is_named_with_its_remedy(tmp_path: Path) -> None:
    speaker = PiperSpeaker(PiperConfig(), tmp_path)
    with pytest.raises(SpeechError, match=r"^piper: piper is not installed for .*; install it with: pip install '\.\[piper\]'"):
        await speaker.warm_up()
    await speaker.close()
