"""The front-desk agent over real SIP and RTP."""

import json

from ari_app.caller.answering import Behaviour
from ari_app.caller.calling import Manner
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.script import Hangup, Interrupt, Key, Say, Wait
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import agent_words, person, phone, settled, talk, was_heard


async def test_order_status_by_voice_is_understood_read_back_and_recorded(instance: Instance) -> None:
    report = await talk(
        instance,
        "100",
        [
            Say("What is the status of my order?"),
            Say("one, zero, four, eight, two"),
            Say("yes, that is right"),
            Say("no thank you, goodbye"),
            Hangup(),
        ],
    )
    assert report.answered, report.reason
    assert report.problem is None
    assert was_heard(report, "this is the automated assistant. How can I help you"), agent_words(report)
    assert report.first_audio_ms is not None
    await settled(instance)
    call = newest_whole(instance)
    assert call["outcome"] == "goodbye"
    turns = call["turns"]
    assert [turn["who"] for turn in turns][:3] == ["agent", "caller", "agent"]
    said = " ".join(turn["text"] for turn in turns if turn["who"] == "agent")
    assert "1, 0, 4, 8, 2" in said or "one, zero, four, eight, two" in said.lower() or "1 0 4 8 2" in said
    assert any(turn["latency_ms"].get("gap") for turn in turns if turn["who"] == "agent")
    assert all(turn["started_ms"] <= turn["ended_ms"] for turn in turns)


async def test_order_number_by_keypad_from_a_registered_phone(instance: Instance) -> None:
    report = await talk(
        instance,
        "100",
        [Say("where is my order?"), Key("23571"), Key("1"), Wait(1), Hangup()],
        target=phone(instance, "1001"),
        manner=Manner(laws=("alaw",)),
    )
    assert report.answered
    assert report.law == "alaw"
    await settled(instance)
    call = newest_whole(instance)
    assert {"via": "keypad", "text": "23571"}.items() <= next(turn for turn in call["turns"] if turn["via"] == "keypad").items()


async def test_what_an_interrupted_sentence_left_unheard_is_known(instance: Instance) -> None:
    report = await talk(instance, "100", [Interrupt(1.0, "What are your opening hours?"), Wait(4), Hangup()])
    assert report.barge_in_stops_ms
    await settled(instance)
    greeting = newest_whole(instance)["turns"][0]
    assert greeting["interrupted"]
    assert greeting["text"].startswith(greeting["heard"].rstrip(".,…"))
    assert 0 < len(greeting["heard"]) < len(greeting["text"])


async def test_a_person_gets_the_card_with_the_call(instance: Instance) -> None:
    accepts = Behaviour(ring_s=0.6, speech=unique_noise(2.0), speak_after_s=2.1, keys=((2.0, "1"),), hangup_after_s=4.2)
    async with person(instance, "2001", accepts) as human:
        report = await talk(instance, "100", [Say("I want to speak to a person please"), Wait(14), Hangup()])
        taken = await human.call(0)
        assert taken.answered
        card_id = taken.headers.get("X-Patchcord-Card")
        assert card_id
        assert taken.caller[1] == "5550100"
    assert report.longest_silence_ms is not None
    assert report.longest_silence_ms <= 1500
    await settled(instance)
    call = newest_whole(instance)
    assert call["outcome"] == "handover"
    card = call["card"]
    assert card["id"] == card_id
    assert card["reason"]["code"] == "caller_request"
    assert "person" in json.dumps(card["turns"]).lower()
    assert card_id in (instance.data / "asterisk" / "log" / "queue_log").read_text()


async def test_nobody_answers_and_the_caller_leaves_a_number(instance: Instance) -> None:
    report = await talk(
        instance,
        "100",
        [Say("operator"), Wait(8), Say("yes please"), Key("02079460018#"), Say("yes"), Wait(2), Hangup()],
    )
    assert report.longest_silence_ms is not None
    assert report.longest_silence_ms <= 1500, "music, ringing or speech throughout"
    await settled(instance)
    call = newest_whole(instance)
    assert [event["kind"] for event in call["events"]].count("connected") == 2, "the same call, to the queue and back"
    assert call["outcome"] == "callback"
    assert call["callback"]["number"] == "02079460018"
    numbers = [turn["number"] for turn in call["turns"]]
    assert numbers == sorted(set(numbers))


async def test_queue_200_is_reached_directly_and_rings_the_second_phone_when_the_first_declines(instance: Instance) -> None:
    async with (
        person(instance, "2001", Behaviour(reaction="decline", ring_s=0.3)) as first,
        person(instance, "2002", Behaviour(ring_s=0.3, hangup_after_s=1.0)) as second,
    ):
        report = await talk(instance, "200", [Wait(10), Hangup()])
        assert report.answered
        assert (await second.call(0)).answered
        assert all(not call.answered for call in first.calls)
    await settled(instance)
