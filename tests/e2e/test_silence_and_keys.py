"""What callers do instead of answering: say nothing, press keys, talk over the agent, talk nonsense, hang up."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from ari_app.caller.answering import Behaviour
from ari_app.caller.calling import Manner
from ari_app.caller.script import Hangup, Key, Say, Step, Wait
from tests.e2e.crowd import audible_since
from tests.e2e.instance import Instance
from tests.e2e.people import person, settled
from tests.e2e.side_by_side import Callers, callers, histories, said


@pytest.fixture
def impatient(own_instance: Instance) -> Iterator[Instance]:
    """Asks again after 2 seconds of silence."""
    own_instance.settings |= {"turns.listening.no_input_timeout_s": 2, "calls.queue_timeout_s": 5}
    own_instance.start()
    yield own_instance


_ACCEPTS = Behaviour(ring_s=0.3, keys=((1.0, "1"),), hangup_after_s=2.0)
"""A person who takes the caller in the middle of the brief, and soon hangs up."""


def before_the_transfer(call: dict[str, Any]) -> list[dict[str, Any]]:
    """The turns of the conversation that handed over."""
    ended = next(event["at_ms"] for event in call["events"] if event["kind"] == "conversation_ended")
    return [turn for turn in call["turns"] if turn["started_ms"] < ended]


async def test_a_silent_caller_is_asked_again_in_other_words_and_then_gets_a_person(impatient: Instance) -> None:
    async with callers(impatient) as people, person(impatient, "2001", _ACCEPTS) as human:
        report = await people.call("100", [Wait(40)], caller_id="5550460")
        assert (await human.call(0)).answered
    assert report.longest_silence_ms is not None
    assert report.longest_silence_ms <= 2600, f"the agent asks again after 2 s: {report.transcript}"
    await settled(impatient)
    call = histories(impatient, ["5550460"])["5550460"]
    turns = before_the_transfer(call)
    asked = [turn["text"] for turn in turns if turn["who"] == "agent"]
    assert len(asked) == 4, asked
    assert len(set(asked)) == 4, "a question that is repeated sounds different"
    assert "person" in asked[2], "the second time it says what else can be done"
    assert (call["outcome"], call["reason"]) == ("handover", "no_input")
    for earlier, later in pairwise(turn for turn in turns if turn["who"] == "agent"):
        assert 1900 <= later["started_ms"] - earlier["ended_ms"] <= 2300 or later is turns[-1], (earlier, later)


async def test_keys_and_words_that_call_a_person_at_any_time(instance: Instance) -> None:
    """Zero in the first sentence, in the middle of a number, after a read-back; the wish for a person spoken over the agent."""
    scripts: dict[str, list[Step]] = {
        "5550470": [Wait(0.7), Key("0", wait=False)],
        "5550471": [Wait(0.7), Key("1", wait=False), Wait(2.0), Key("0", wait=False)],
        "5550472": [Wait(0.7), Key("23571", wait=False), Wait(0.8), Key("0", wait=False)],
        "5550473": [Wait(1.0), Say("I want to speak to a person", wait=False)],
        "5550474": [Wait(0.7), Key("2", wait=False), Wait(2.5), Say("please let me talk to a real person", wait=False)],
    }
    async with callers(instance) as people:
        calls = (
            people.call(
                "100", [*steps, Wait(8), Hangup(wait=False)], caller_id=caller, manner=Manner(laws=("alaw",) if index % 2 else ("ulaw",))
            )
            for index, (caller, steps) in enumerate(scripts.items())
        )
        reports = await asyncio.gather(*calls)
    assert [report.law for report in reports] == ["ulaw", "alaw", "ulaw", "alaw", "ulaw"]
    await settled(instance)
    for caller, call in (await asyncio.to_thread(histories, instance, list(scripts))).items():
        ended = next(event["data"] for event in call["events"] if event["kind"] == "conversation_ended")
        assert ended == {"kind": "handover", "reason": "caller_request"}, (caller, call["turns"])
        assert call["card"], caller
        assert "colleague" in before_the_transfer(call)[-1]["text"]
        assert any(turn["interrupted"] for turn in call["turns"] if turn["who"] == "agent"), caller


async def test_a_key_silences_a_running_sentence_at_once(instance: Instance) -> None:
    async with callers(instance) as people, people.line("100", caller_id="5550475") as line:
        await line.leg.answered()
        await asyncio.sleep(1.2)
        key = line.session.press("2357")  # not a whole number yet: the agent waits for more
        await asyncio.sleep(0.8)
        assert key.started_ns is not None
        assert audible_since(line.session.log.received, key.started_ns + 150_000_000) is None, "speech goes on after a key"
    await settled(instance)
    greeting = next(turn for turn in histories(instance, ["5550475"])["5550475"]["turns"] if turn["who"] == "agent")
    assert greeting["interrupted"]
    assert 0 < len(greeting["heard"]) < len(greeting["text"])


async def test_nonsense_leads_to_the_keypad_and_then_to_a_person(instance: Instance) -> None:
    nonsense = "green umbrellas sing in the garden"
    async with callers(instance) as people, person(instance, "2001", _ACCEPTS) as human:
        await asyncio.gather(talk_nonsense(people, nonsense), leave_in_mid_sentence(people))
        assert human.calls
    await settled(instance)
    calls = await asyncio.to_thread(histories, instance, ["5550476", "5550477"])
    asked = said(calls["5550476"], "agent")
    assert "press" in asked[2], asked
    assert (calls["5550476"]["outcome"], calls["5550476"]["reason"]) == ("handover", "repeated_failure")
    assert calls["5550477"]["outcome"] == "caller_left"
    last = calls["5550477"]["turns"][-1]
    assert 0 < len(last["heard"]) < len(last["text"])


async def talk_nonsense(people: Callers, words: str) -> None:
    once: list[Step] = [Wait(1.6), Say(words, wait=False)]
    report = await people.call("100", [*once * 3, Wait(20)], caller_id="5550476")
    assert report.end_reason == "remote_hangup", "the person has hung up"


async def leave_in_mid_sentence(people: Callers) -> None:
    report = await people.call("100", [Wait(0.7), Key("2", wait=False), Wait(2.5), Hangup(wait=False)], caller_id="5550477")
    assert report.answered
