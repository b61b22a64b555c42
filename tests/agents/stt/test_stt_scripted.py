from collections.abc import AsyncIterator

import numpy as np
import pytest

from agents.audio import RATE, Pcm
from agents.stt.scripted import ScriptedTranscriber
from tests.agents.stt.transcriber_contract import TranscriberContract


@pytest.fixture
async def transcriber() -> AsyncIterator[ScriptedTranscriber]:
    transcriber = ScriptedTranscriber(["I want to speak to a person."] * 10)
    yield transcriber
    await transcriber.close()


@pytest.fixture
def speech() -> Pcm:
    return np.full(RATE, 1000, dtype=np.int16)


@pytest.fixture
def expected() -> str:
    return "speak to a person"


class TestScripted(TranscriberContract):
    pass


async def test_texts_come_in_order_and_then_nothing(speech: Pcm) -> None:
    transcriber = ScriptedTranscriber(["one", "two"])
    assert [(await transcriber.transcribe(speech)).text for _ in range(3)] == ["one", "two", ""]
    assert len(transcriber.heard) == 3
