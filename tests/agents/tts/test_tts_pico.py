"""The contract for Pico, and its languages."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from agents.tts.iterating import drain
from agents.tts.leveling import active_level_dbov
from agents.tts.pico import PicoSpeaker
from agents.tts.speaker import Speaker, SpeechError
from agents.tts.voices import PICO
from tests.agents.tts.conftest import UnpackedTree
from tests.agents.tts.speaker_contract import SpeakerContract

pytestmark = pytest.mark.speech


@pytest.fixture(scope="session")
def pico_tree(tree: UnpackedTree) -> UnpackedTree:
    if not list(tree.path.glob("usr/lib/*/libttspico.so.0")):
        pytest.skip("the packages hold no Pico (libttspico0t64, libttspico-data)")
    return tree


class TestPico(SpeakerContract):
    times_words = False

    @pytest.fixture
    async def speaker(self, pico_tree: UnpackedTree) -> AsyncIterator[Speaker]:
        speaker = PicoSpeaker(pico_tree, "en-GB")
        await speaker.warm_up()
        yield speaker
        await speaker.close()


@pytest.mark.parametrize("language", PICO)
async def test_each_language_speaks_as_loud_as_the_others(pico_tree: UnpackedTree, language: str) -> None:
    speaker = PicoSpeaker(pico_tree, language)
    await speaker.warm_up()
    pcm = await drain(speaker.speak("Su pedido llega el martes. Gracias por su paciencia, Sofía."))
    assert -23 < active_level_dbov(pcm) < -17
    await speaker.close()


async def test_a_failed_text_leaves_nothing_for_the_next_one(pico_tree: UnpackedTree) -> None:
    speaker = PicoSpeaker(pico_tree, "es-ES")
    await speaker.warm_up()
    alone = await drain(speaker.speak("Buenos días."))
    audio = speaker.speak("Un momento, por favor. " * 20)
    await anext(audio)
    await audio.aclose()
    assert np.array_equal(await drain(speaker.speak("Buenos días.")), alone)
    await speaker.close()


def test_an_unknown_language_is_refused_with_those_there_are(tree: UnpackedTree) -> None:
    with pytest.raises(SpeechError, match=r"no voice 'xx-XX'; use one of: de-DE"):
        PicoSpeaker(tree, "xx-XX")


async def test_without_its_packages_the_remedy_is_named(tree: UnpackedTree, tmp_path: object) -> None:
    class Bare:
        path = tree.path / "nowhere"

        def command(self, binary: str, *args: str) -> list[str]:
            return tree.command(binary, *args)

    speaker = PicoSpeaker(Bare(), "es-ES")
    with pytest.raises(SpeechError, match=r"^pico: .*; to fetch the voice again"):
        await speaker.warm_up()
    await speaker.close()
