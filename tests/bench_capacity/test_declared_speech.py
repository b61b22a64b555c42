"""The recogniser and the voice of declared cost keep the contracts, and cost what they say."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from agents.audio import RATE, Pcm, seconds
from agents.tts.iterating import drain
from tests.agents.stt.transcriber_contract import TranscriberContract
from tests.agents.tts.speaker_contract import SENTENCE, SpeakerContract
from tests.bench.capacity.own_instance import SENTENCES
from tests.bench.capacity.speech import TEXTS, DeclaredSpeaker, DeclaredTranscriber, Shares, Work


@pytest.fixture
async def work() -> AsyncIterator[Work]:
    made = Work(threads=1)
    yield made
    made.close()


class TestDeclaredTranscriber(TranscriberContract):
    @pytest.fixture
    def transcriber(self, work: Work) -> DeclaredTranscriber:
        return DeclaredTranscriber(work, 0.01)

    @pytest.fixture
    def speech(self) -> Pcm:
        return np.full(2 * RATE, 900, dtype=np.int16)

    @pytest.fixture
    def expected(self) -> str:
        return TEXTS[0].lower()


class TestDeclaredSpeaker(SpeakerContract):
    @pytest.fixture
    def speaker(self, work: Work) -> DeclaredSpeaker:
        return DeclaredSpeaker(work, 0.01)


async def test_what_is_declared_is_burnt_and_booked(work: Work) -> None:
    await DeclaredTranscriber(work, 0.1).transcribe(np.ones(2 * RATE, dtype=np.int16))
    spoken = seconds(await drain(DeclaredSpeaker(work, 0.05).speak(SENTENCE)))
    sums = work.sums()
    assert (sums["recogniser_speech_s"], sums["recogniser_times"]) == (2.0, 1.0)
    assert sums["recogniser_burnt_s"] >= 0.2
    assert sums["voice_speech_s"] == pytest.approx(spoken, abs=0.01)
    assert sums["voice_burnt_s"] >= 0.05 * spoken


async def test_without_a_share_nothing_is_burnt(work: Work) -> None:
    await DeclaredTranscriber(work, 0.0).transcribe(np.ones(RATE, dtype=np.int16))
    assert work.sums()["recogniser_burnt_s"] == 0.0


def test_shares_go_through_the_environment_and_are_checked() -> None:
    assert Shares.of(Shares(0.2, 0.0).environment()) == Shares(0.2, 0.0)
    assert Shares.of({}) == Shares()
    with pytest.raises(ValueError, match="0 to 10"):
        Shares.of(Shares(-1, 0).environment())


def test_callers_say_what_is_heard() -> None:
    assert SENTENCES == TEXTS
