"""How callers feel, on real calls: announced, from their own voice only, with a person in the end, and the reasons in front of them."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ari_app.caller.answering import Behaviour
from ari_app.caller.report import CallReport
from ari_app.caller.script import Hangup, Say, Step, Wait
from tests.e2e.crowd import until
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import person, settled, talk, trunk, was_heard
from tests.e2e.test_supervisor import command, live_call
from tests.e2e.transfers import TAKES, hum, scene

AUDIO = "310"
NOTICE = "To serve you better, a computer also judges the tone of your voice on this call."
ANGRY = (
    "This is ridiculous, I have called you three times now and nobody helps me.",
    "I am sick and tired of this, it is absolutely unacceptable.",
    "You are useless, I have had enough.",
)


@pytest.fixture(scope="module")
def feeling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    settings = {f"numbers.{AUDIO}.agent": "front-desk", f"numbers.{AUDIO}.emotion": "audio", "transfer.accept_timeout_s": 10}
    running = Instance(tmp_path_factory.mktemp("feeling"), settings)
    running.start()
    running.settle_in()
    yield running
    running.stop()


def events(call: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [event["data"] for event in call["events"] if event["kind"] == kind]


def spoken(call: dict[str, Any]) -> list[int]:
    return [turn["number"] for turn in call["turns"] if turn["who"] == "caller" and turn["via"] == "speech"]


async def one_call(instance: Instance, number: str, steps: Sequence[Step]) -> tuple[CallReport, dict[str, Any]]:
    report = await talk(instance, number, steps, target=trunk(instance))
    await settled(instance)
    await until(lambda: not instance.status()["records_pending"], 5, "everything is written")
    return report, newest_whole(instance)


async def test_an_angry_caller_reaches_a_person_who_sees_why(feeling: Instance) -> None:
    async with person(feeling, behaviour=TAKES) as taking:
        report, call = await one_call(feeling, AUDIO, [*(Say(line) for line in ANGRY[:2]), Wait(20), Hangup(wait=False)])
        assert [each.answered for each in taking.calls] == [True]
    assert was_heard(report, NOTICE), report.transcript
    assert (call["outcome"], call["reason"]) == ("handover", "frustrated"), call["turns"]
    acted = [data for data in events(call, "escalation_rule") if data["act"] == "escalate"]
    [decision] = acted
    assert decision["grounds"]
    assert decision["reason"] == "frustrated"
    assert all(ground["turn"] in spoken(call) for ground in decision["grounds"] if ground["signal"].startswith("emotion."))
    course = events(call, "emotion")
    assert [data["turn"] for data in course] == spoken(call)[: len(course)]
    assert max(data["said"]["frustrated"] for data in course) >= 0.45
    card = call["card"]
    assert card["emotion"], "the person sees the course"
    assert card["consent"]["emotion"] == "audio_announced"
    assert decision["rule"] in card["reason"]["triggered_by"]
    shown = feeling.cli("calls", "show", call["id"])
    assert "frustrated" in shown


async def test_the_voice_is_judged_after_the_notice_and_never_a_persons(feeling: Instance) -> None:
    async with scene(feeling) as people:
        people.behave(TAKES)
        _, call = await one_call(
            feeling, AUDIO, [Say("What are your opening hours?"), Say("I want to speak to a person please."), Wait(22), Hangup(wait=False)]
        )
    assert call["outcome"] == "handover"
    kinds = [event["kind"] for event in call["events"]]
    assert kinds.count("emotion_notice") == 1
    assert kinds.index("emotion_notice") < kinds.index("emotion")
    course = events(call, "emotion")
    assert [data["method"] for data in course] == ["audio"] * len(course)
    assert len(course) == 2, "the caller's two turns with the agent; nothing of the brief, the wait or the talk with the person"
    assert "emotion" not in kinds[kinds.index("with_person") :]


async def test_while_a_supervisor_speaks_into_the_call_the_voice_is_left_alone(feeling: Instance) -> None:
    async with scene(feeling) as people:
        listener, _ = people.people
        people.behave(Behaviour(ring_s=0.2, speech=hum(1), speak_after_s=0.5))
        steps: list[Step] = [Say("What are your opening hours?"), Wait(9), Say("And where is my order?"), Wait(3), Hangup(wait=False)]
        calling = asyncio.create_task(one_call(feeling, AUDIO, steps))
        await until(lambda: bool(live_call(feeling)), 10, "the agent talks")
        call_id = live_call(feeling)
        await until(lambda: "calls" in feeling.get("/live") and _heard(feeling, call_id) >= 1, 30, "the caller has asked")
        listener.behaviour = replace(listener.behaviour, hangup_after_s=30)
        assert command(feeling, call_id, "barge", phone="2001")[0] == 200
        _, call = await calling
    assert [data["method"] for data in events(call, "emotion")] == ["audio", "text"]


def _heard(instance: Instance, call_id: str) -> int:
    """Turns of the caller that are over."""
    live = next((each for each in instance.get("/live")["calls"] if each["id"] == call_id), None)
    return sum(line["who"] == "caller" and not line["text"].endswith("…") for line in live["lines"]) if live else 0


async def test_a_calm_caller_is_served_in_peace(feeling: Instance) -> None:
    _, call = await one_call(
        feeling,
        "100",
        [
            Say("What is the status of my order?"),
            Say("one, zero, four, eight, two"),
            Say("yes, that is right"),
            Say("no thank you, goodbye"),
            Hangup(),
        ],
    )
    assert call["outcome"] == "goodbye"
    course = events(call, "emotion")
    assert [data["turn"] for data in course] == spoken(call)
    assert {data["method"] for data in course} == {"text"}, "nobody was told of more"
    assert not events(call, "emotion_notice")
    assert not [data for data in events(call, "escalation_rule") if data["act"] in ("escalate", "try_once")], json.dumps(course)
