"""The score of a call: its parts, and that what is worse never scores better."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.transcript import Turn
from handoff.tasks.quality import PARTS, quality_of


def talk(gaps: list[float], *, interrupted: int = 0) -> list[Turn]:
    """Caller and agent in turns, two seconds each; ``gaps`` in milliseconds."""
    turns, now = [], 0.0
    for place, gap in enumerate(gaps):
        turns.append(Turn(2 * place + 1, "caller", "a", "a", now, now + 2))
        start = now + 2 + gap / 1000
        turns.append(Turn(2 * place + 2, "agent", "b", "b", start, start + 2, interrupted=place < interrupted, latency_ms={"gap": gap}))
        now = start + 2.5
    return turns


def test_a_call_in_which_all_went_well() -> None:
    quality = quality_of(talk([500] * 10), [("tool", 1.0, {"ok": True})], "goodbye", "")
    assert quality.score == 100
    assert set(quality.parts) == set(PARTS)


def test_each_part_by_itself() -> None:
    turns = talk([1900] * 10, interrupted=3)
    events = [("no_input", 1.0, {}), ("tool", 2.0, {"ok": True}), ("tool", 3.0, {"ok": False}), ("echo", 3.0, {})]
    parts = quality_of(turns, events, "handover", "caller_request").parts
    assert (parts["answer_gap_ms"].value, parts["answer_gap_ms"].score) == (1900, 50)
    assert (parts["interrupted"].value, parts["interrupted"].score) == (0.3, 44)
    assert (parts["asked_again"].value, parts["asked_again"].score) == (0.1, 80)
    assert (parts["tool_errors"].value, parts["tool_errors"].score) == (0.5, 0)
    assert parts["cut_in"].score == parts["silence"].score == 100
    assert parts["outcome"].score == 75
    assert quality_of(turns, [], "handover", "pipeline_error").parts["outcome"].score == 10


def test_the_agent_who_cuts_in_and_the_caller_who_does() -> None:
    over = [Turn(1, "caller", "a", "a", 0, 4), Turn(2, "agent", "b", "b", 3, 5)]
    assert quality_of(over, [], "goodbye", "").parts["cut_in"].value == 1
    barge_in = [Turn(1, "agent", "b", "b", 0, 4), Turn(2, "caller", "a", "a", 3, 5)]
    assert quality_of(barge_in, [], "goodbye", "").parts["cut_in"].value == 0


def test_silence_is_what_lasts() -> None:
    quiet = [Turn(1, "agent", "b", "b", 0, 2), Turn(2, "caller", "a", "a", 8, 10)]
    assert quality_of(quiet, [], "goodbye", "").parts["silence"].value == 0.6
    assert quality_of([quiet[0], replace(quiet[1], started_at=4.9)], [], "goodbye", "").parts["silence"].value == 0


@pytest.mark.parametrize("outcome", ["", "echo", "goodbye"])
def test_a_call_without_anything_to_measure(outcome: str) -> None:
    quality = quality_of([], [], outcome, "")
    assert (quality.score, quality.as_json()) == (None, {})


@given(
    st.lists(st.floats(0, 1e5), min_size=1, max_size=20),
    st.integers(0, 20),
    st.sampled_from(["goodbye", "handover", "caller_left", "failed", "rescued", "callback", "unheard of"]),
    st.floats(0, 1e4),
)
def test_worse_is_never_better(gaps: list[float], interrupted: int, outcome: str, more: float) -> None:
    turns, events = talk(gaps, interrupted=interrupted), [("tool", 1.0, {"ok": False})]
    score = quality_of(turns, events, outcome, "").score
    slower = quality_of(talk([gap + more for gap in gaps], interrupted=interrupted), events, outcome, "")
    assert score is not None and slower.score is not None
    assert 0 <= score <= 100
    assert slower.parts["answer_gap_ms"].score <= quality_of(turns, events, outcome, "").parts["answer_gap_ms"].score
    assert quality_of(turns, [*events, ("no_input", 2.0, {})], outcome, "").score in range(score + 1)
