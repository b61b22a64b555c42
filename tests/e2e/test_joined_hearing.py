"""``transfer.transcribe``: what a caller says to a person is written down, what the person says is not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agents.audio import RATE
from ari_app.caller.script import Hangup, Say, Step, Wait, to_line_rate, trim
from tests.e2e.crowd import until
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import agent_words, settled, talk, voice_of
from tests.e2e.transfers import NUMBER, SETTINGS, TAKES, scene


@pytest.fixture(scope="module")
def writing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance(tmp_path_factory.mktemp("writing"), {**SETTINGS, "transfer.transcribe": "true"})
    running.start()
    running.settle_in()
    yield running
    running.stop()


async def test_the_caller_goes_on_in_the_transcript_and_the_person_does_not(writing: Instance) -> None:
    async with voice_of(writing) as voice:
        question = await voice.synthesize("Hello, this is customer service. What can I do about the blue elephant?")
    async with scene(writing) as people:
        people.behave(replace(TAKES, speech=trim(to_line_rate(question, RATE)), speak_after_s=4.0, hangup_after_s=18.0))
        steps: list[Step] = [
            Wait(12),
            Say("The parcel arrived yesterday and one chair is broken.", wait=False),
            Wait(2),
            Say("I would like a new chair please.", wait=False),
            Wait(3),
            Hangup(wait=False),
        ]
        report = await talk(writing, NUMBER, steps)
        await settled(writing, 15)
    await until(lambda: not writing.status()["records_pending"], 5, "everything is written")
    call = newest_whole(writing)
    assert call["outcome"] == "handover", call["events"]
    joined_ms = next(event["at_ms"] for event in call["events"] if event["kind"] == "with_person")
    later = [turn for turn in call["turns"] if turn["started_ms"] > joined_ms]
    words = " ".join(turn["text"] for turn in later).lower()
    assert {turn["who"] for turn in later} == {"caller"}
    assert "chair" in words and "broken" in words, later
    assert "customer" in agent_words(report), "the person was to be heard, and understood"
    assert "elephant" not in words and "customer" not in words, later
    numbers = [turn["number"] for turn in call["turns"]]
    assert numbers == sorted(set(numbers)), "turns are numbered on"
    assert not [event for event in call["events"] if event["kind"] == "person_not_transcribed"]
