"""One conversation out of two: the question whether the call may be recorded, and the agent after it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from agents.conversation.messages import Unanswered
from agents.line import DigitPressed
from agents.transcript import Outcome
from ari_app.calls.record import CallFacts, CallRecord
from ari_app.calls.recording_question import AskedFirst


class Writer:
    """Keeps the kinds of events."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, Any]) -> None:
        del call_id, at, data
        self.kinds.append(kind)


class Talk:
    """Ends with ``outcome``, or breaks."""

    def __init__(self, outcome: Outcome | Exception, left: Sequence[Unanswered] = ()) -> None:
        self.outcome = outcome
        self.left = left
        self.told: list[str] = []
        self.uptake = (False, 7)

    async def run(self) -> Outcome:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def unanswered(self) -> Sequence[Unanswered]:
        return self.left

    def say(self, text: str) -> None:
        self.told.append(text)

    def instruct(self, text: str) -> None:
        self.told.append(text)

    def transfer(self, queue: str = "", reason: str = "transfer", say: str = "") -> None:
        self.told.append(f"{queue} {reason} {say}")

    def end(self, reason: str, *, after_sentence: bool = False) -> None:
        self.told.append(f"{reason} {after_sentence}")

    def held(self, on: bool) -> None:
        self.told.append(f"held {on}")


class Bench:
    def __init__(self, question: Talk) -> None:
        self.writer = Writer()
        self.record = CallRecord(CallFacts("1", "c", "n", "front-desk", "100", ""), self.writer)  # type: ignore[arg-type]
        self.record.recording_awaits = "answer"
        self.begun = 0
        self.record.on_recordable = self._begin
        self.agent = Talk(Outcome("goodbye", "done"))
        self.passed_on: Sequence[Unanswered] | None = None
        self.question = question
        self.both = AskedFirst(question, self._following, self.record)

    def _begin(self) -> None:
        self.begun += 1

    def _following(self, unanswered: Sequence[Unanswered]) -> Talk:
        self.passed_on = unanswered
        return self.agent


async def test_a_yes_begins_the_recording_and_the_agent_gets_what_was_left_over() -> None:
    left = [DigitPressed(1.0, "5")]
    bench = Bench(Talk(Outcome("goodbye", "granted"), left))
    assert await bench.both.run() == Outcome("goodbye", "done")
    assert bench.passed_on == left
    assert (bench.begun, bench.record.recording_consent, bench.record.recording_awaits) == (1, "granted", "")
    assert bench.writer.kinds == ["recording_granted"]


@pytest.mark.parametrize(
    "outcome", [Outcome("goodbye", "refused"), Outcome("handover", "no_answer", "support"), RuntimeError("a fault")], ids=str
)
async def test_anything_but_a_yes_leaves_the_call_unrecorded_and_served(outcome: Outcome | Exception) -> None:
    bench = Bench(Talk(outcome))
    assert await bench.both.run() == Outcome("goodbye", "done")
    assert (bench.begun, bench.record.recording_consent, bench.record.recording_awaits) == (0, "refused", "answer")
    assert bench.writer.kinds == ["recording_refused"]


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [
        (Outcome("handover", "caller_request", "support"), Outcome("handover", "caller_request")),
        (Outcome("goodbye", "done"), Outcome("goodbye", "done")),
        (Outcome("caller_left", "hangup"), Outcome("caller_left", "hangup")),
    ],
)
async def test_another_end_is_the_end_of_the_call_and_no_answer(outcome: Outcome, ends: Outcome) -> None:
    bench = Bench(Talk(outcome))
    assert await bench.both.run() == ends
    assert bench.passed_on is None
    assert (bench.record.recording_consent, bench.writer.kinds) == ("none", [])


async def test_what_is_asked_from_outside_goes_to_the_talk_under_way() -> None:
    bench = Bench(Talk(Outcome("goodbye", "granted")))
    bench.both.say("one")
    bench.both.instruct("two")
    bench.both.end("three", after_sentence=True)
    bench.both.held(True)
    assert bench.both.uptake == (False, 7)
    await bench.both.run()
    bench.both.say("four")
    assert (bench.question.told, bench.agent.told) == (["one", "two", "three True", "held True"], ["four"])


async def test_a_supervisor_who_sends_the_caller_elsewhere_names_the_queue() -> None:
    bench = Bench(Talk(Outcome("handover", "supervisor", "support")))
    bench.both.transfer("sales", "supervisor", "One moment.")
    assert await bench.both.run() == Outcome("handover", "supervisor", "sales")
    assert bench.question.told == ["sales supervisor One moment."]
