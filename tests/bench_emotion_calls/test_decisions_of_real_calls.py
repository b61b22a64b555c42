"""When a person was called on a real call, by its records and by what its caller had said until then."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.library import load_agent
from tests.bench.decision_time import callers, command
from tests.bench.decision_time.judging import figures, judged
from tests.bench.emotion_calls.call import Call, Line, Utterance

CALL = Call(
    "angry-1",
    "angry",
    "bank",
    "rhvoice:bdl",
    "angry",
    Line("none", float("inf")),
    1,
    tuple(Utterance(f"sentence {n}", n > 0, -20.0) for n in range(4)),
)
BEGUN_MS = (1000, 6000, 11_000, 16_000)
"""One calm sentence, three angry ones."""


def said(begun_ms: Sequence[int] = BEGUN_MS, failure: str = "") -> callers.Said:
    return callers.Said(CALL, "5557000", tuple(begun_ms), failure)


def record(*rules: dict[str, Any]) -> dict[str, Any]:
    """Turns 2, 4, 6 and 8 are the caller's, 3 s long."""
    turns = [{"number": 2 * n + 2, "ended_ms": at + 3000} for n, at in enumerate(BEGUN_MS)]
    return {"turns": turns, "events": [{"kind": "escalation_rule", "data": rule} for rule in rules]}


def decided(turn: int, act: str = "escalate", reason: str = "frustrated") -> dict[str, Any]:
    return {"act": act, "reason": reason, "after_ms": 200.0, "foreseen": True, "grounds": [{"turn": None}, {"turn": turn}]}


@pytest.mark.parametrize(("turn", "after", "in_time"), [(2, 0, False), (4, 1, True), (6, 2, True), (8, 3, False)])
def test_the_sentence_that_decided_is_the_last_that_had_begun(turn: int, after: int, in_time: bool) -> None:
    call = judged(said(), record(decided(turn)))
    assert (call.after_angry, call.in_time, call.reason) == (after, in_time, "frustrated")


def test_one_sentence_that_was_heard_as_two_turns_counts_once() -> None:
    made = record(decided(7))
    made["turns"].append({"number": 7, "ended_ms": 12_000})
    assert judged(said(), made).after_angry == 2


def test_whoever_is_put_through_for_failures_of_the_agent_does_not_count() -> None:
    call = judged(said(), record(decided(4, reason="repeated_failure")))
    assert (call.after_angry, call.in_time, call.reason) == (None, False, "")


def test_an_apology_is_a_decision_but_no_person() -> None:
    call = judged(said(), record(decided(4, act="try_once"), decided(6)))
    assert (call.after_ms, call.after_angry) == ((200.0, 200.0), 2)
    assert judged(said(), record(decided(4, act="try_once"))).after_angry is None


def test_the_figures_leave_out_calls_that_were_not_placed() -> None:
    calls = [judged(said(), record(decided(4))), judged(said(), record()), judged(said((), "NumberNotFound"), record())]
    told = figures(calls)
    assert (told["calls"], told["in_time"]["part"], told["in_time"]["whole"]) == (2, 1, 2)
    assert told["not_placed"] == {"NumberNotFound": 1}
    assert told["voice_end_to_decision"]["n"] == 1
    assert told["missed"] == ["angry-1"]


def test_a_call_without_a_record_is_one_that_reached_nobody() -> None:
    told = figures([judged(said(), record(decided(4))), judged(said(), None)])
    assert (told["calls"], told["in_time"]["part"], told["in_time"]["whole"]) == (2, 1, 2)


def test_the_agent_of_the_measurement_is_sound() -> None:
    """A broken one would send every caller to the queue at once."""
    assert load_agent(Path(command.__file__).parent / "agents" / "patient.yaml").name == "patient"
