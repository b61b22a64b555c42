"""The contract for every voice, the double included, and what is special about each."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]  # no stubs in the lock file
import pytest

from agents.audio import Pcm
from agents.tts.cache import CachedSpeaker
from agents.tts.factory import open_speaker
from agents.tts.fallback import FallbackSpeaker
from agents.tts.flite import FliteSpeaker
from agents.tts.iterating import drain
from agents.tts.leveling import active_level_dbov
from agents.tts.rhvoice import RHVoiceSpeaker
from agents.tts.speaker import Speaker, SpeechError
from agents.tts.tone import ToneSpeaker
from tests.agents.tts.conftest import UnpackedTree
from tests.agents.tts.speaker_contract import SENTENCE, SpeakerContract


class TestTone(SpeakerContract):
    @pytest.fixture
    def speaker(self) -> Speaker:
        return ToneSpeaker()


class TestCachedTone(SpeakerContract):
    @pytest.fixture
    def speaker(self, tmp_path: Path) -> Speaker:
        return CachedSpeaker(ToneSpeaker(), tmp_path)


class TestFallbackTone(SpeakerContract):
    @pytest.fixture
    def speaker(self) -> Speaker:
        return FallbackSpeaker([ToneSpeaker()])


@pytest.mark.speech
class TestFlite(SpeakerContract):
    @pytest.fixture
    async def speaker(self, tree: UnpackedTree) -> AsyncIterator[Speaker]:
        speaker = FliteSpeaker(tree, "rms")
        yield speaker
        await speaker.close()


@pytest.mark.speech
class TestRHVoice(SpeakerContract):
    @pytest.fixture
    async def speaker(self, rhvoice_tree: UnpackedTree) -> AsyncIterator[Speaker]:
        speaker = RHVoiceSpeaker(rhvoice_tree, "bdl")
        yield speaker
        await speaker.close()


def _helpers() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if any("helper_server" in word for word in child.cmdline()):
                found.append(child)
    return found


@pytest.mark.speech
async def test_a_killed_helper_is_replaced_in_mid_sentence(rhvoice_tree: UnpackedTree) -> None:
    speaker = RHVoiceSpeaker(rhvoice_tree, "bdl", helpers=1)
    text = " ".join([SENTENCE] * 4)
    whole = await drain(speaker.speak(text))
    chunks: list[Pcm] = []
    async for chunk in speaker.speak(text):
        if len(chunks) == 3:
            os.kill(_helpers()[0].pid, signal.SIGKILL)
        chunks.append(chunk)
    assert np.array_equal(np.concatenate(chunks), whole)
    await speaker.close()


@pytest.mark.speech
async def test_helpers_end_with_the_speaker(rhvoice_tree: UnpackedTree) -> None:
    speaker = RHVoiceSpeaker(rhvoice_tree, "slt", helpers=2)
    await speaker.warm_up()
    helpers = _helpers()
    assert len(helpers) == 2
    await speaker.close()
    assert not any(helper.is_running() and helper.status() != psutil.STATUS_ZOMBIE for helper in helpers)
    with pytest.raises(SpeechError, match="already closed"):
        await drain(speaker.speak("Hello."))


@pytest.mark.speech
async def test_a_helper_ends_when_its_input_does(rhvoice_tree: UnpackedTree) -> None:
    """As it does when the parent is killed, whatever the helper is doing."""
    speaker = RHVoiceSpeaker(rhvoice_tree, "bdl", helpers=1)
    audio = speaker.speak(" ".join([SENTENCE] * 10))
    await anext(audio)
    helper = _helpers()[0]
    process = speaker._pool._helpers[0]
    assert process is not None
    assert process._process.stdin is not None
    process._process.stdin.close()
    deadline = time.monotonic() + 2
    while helper.is_running() and helper.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    assert not helper.is_running() or helper.status() == psutil.STATUS_ZOMBIE
    await audio.aclose()
    await speaker.close()


@pytest.mark.speech
async def test_a_cancelled_sentence_frees_the_helper(rhvoice_tree: UnpackedTree) -> None:
    speaker = RHVoiceSpeaker(rhvoice_tree, "bdl", helpers=1)
    await speaker.warm_up()
    audio = speaker.speak(" ".join([SENTENCE] * 30))
    await anext(audio)
    await audio.aclose()
    started = time.monotonic()
    await anext(again := speaker.speak("Yes."))
    assert time.monotonic() - started < 0.5
    await again.aclose()
    await speaker.close()


@pytest.mark.speech
@pytest.mark.parametrize(
    "voice", ["rhvoice:bdl", "rhvoice:slt", "rhvoice:alan", "rhvoice:clb", "flite:slt", "flite:awb", "flite:kal", "flite:kal16"]
)
async def test_all_voices_are_equally_loud(rhvoice_tree: UnpackedTree, tmp_path: Path, voice: str) -> None:
    speaker = await open_speaker(voice, rhvoice_tree, tmp_path)
    assert speaker.name.startswith(voice)
    pcm = await drain(speaker.speak(f"{SENTENCE} We are open from nine to five."))
    assert -22 < active_level_dbov(pcm) < -18
    await speaker.close()


@pytest.mark.speech
async def test_without_rhvoice_flite_speaks(tree: UnpackedTree, tmp_path: Path) -> None:
    class FliteOnly:
        path = tmp_path  # none of RHVoice's data lies there

        def command(self, binary: str, *args: str) -> list[str]:
            return tree.command(binary, *args)

    speaker = await open_speaker("rhvoice:bdl", FliteOnly(), tmp_path / "cache")
    assert speaker.name == "flite:rms"
    assert len(await drain(speaker.speak("Hello.")))
    await speaker.close()


async def test_without_any_voice_both_reasons_are_given(tmp_path: Path) -> None:
    class Empty:
        path = tmp_path

        def command(self, binary: str, *args: str) -> list[str]:
            return [str(tmp_path / binary), *args]

    with pytest.raises(SpeechError, match=r"rhvoice: cannot start .*; flite: cannot start"):
        await open_speaker("rhvoice:bdl", Empty(), tmp_path / "cache")


@pytest.mark.parametrize("name", ["rhvoice:lyubov", "espeak:en", "bdl", "", "rhvoice:../x"])
async def test_unknown_voices_are_refused_with_those_there_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpeechError, match="rhvoice:bdl"):
        await open_speaker(name, UnpackedTree(tmp_path), tmp_path)
