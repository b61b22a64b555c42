"""Replaying stored calls: exactly the decisions of the live call, and what other rules would have changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.transcript import JsonValue, Turn
from handoff.records.encoding import Encoder
from handoff.records.store import CallStarted
from handoff.rules.decisions import Decision
from handoff.rules.happenings import Happening
from handoff.rules.replay import compared, replayed
from handoff.rules.ruleset import RuleSet
from handoff.rules.state import WatchState
from handoff.rules.stored import StoredCall
from handoff.rules.watch import step
from tests.handoff.rules.rules_scenes import concern, emotion, event, rules, turn
from tests.handoff.rules.rules_strategies import calls, rulesets

STARTED = datetime(2030, 1, 7, 9, 30, tzinfo=UTC)
LOUD = rules("when: {emotion: {state: frustrated, of: utterance, at_least: 0.6}}\nact: escalate\nreason: frustrated")
LOUDER = rules("when: {emotion: {state: frustrated, of: utterance, at_least: 0.8}}\nact: escalate\nreason: frustrated")
DEAF = rules("when: {concern: {name: fraud}}\nact: escalate\nreason: fraud")


def live(rules: RuleSet, told: Sequence[Happening], base: float) -> tuple[list[Decision], StoredCall]:
    """A call as it goes and as it is recorded. ``base``: the monotonic clock at its start."""
    encoder, state, decided = Encoder(), WatchState(), list[Decision]()
    turns: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    encoder.call_started(CallStarted("call", STARTED, base, "100", "", "front-desk", ""))

    def record(kind: str, at: float, data: dict[str, JsonValue]) -> None:
        row = encoder.event("call", kind, at, data)
        events.append({"seq": row["seq"], "kind": row["event"], "at_ms": row["at_ms"], "data": row["data"]})

    def see(happening: Happening) -> None:
        nonlocal state
        state, decisions = step(state, rules, happening)
        decided.extend(decisions)
        for decision in decisions:
            record("escalation_rule", happening.at, decision.event())

    see(Happening("started", base, {"number": "100", "agent": "front-desk"}))
    see(Happening("clock", base, rules.clock(STARTED)))
    for happening in told:
        data: dict[str, Any] = dict(happening.data)
        if happening.kind == "turn":
            data |= {"start": data["start"] + base, "end": data["end"] + base}
            said = Turn(data["number"], data["who"], "Hello.", "Hello.", data["start"], data["end"], data["via"], data["interrupted"])
            row = encoder.turn("call", said)
            turns.append({name: value for name, value in row.items() if name not in ("id", "kind", "text", "heard")})
        elif happening.kind not in ("started", "clock"):
            record(happening.kind, happening.at + base, data)
        if happening.kind not in ("started", "clock"):
            see(Happening(happening.kind, happening.at + base, data))
    call = {"id": "call", "started_at": STARTED, "number": "100", "route": "front-desk", "outcome": "", "reason": ""}
    return decided, StoredCall.of({**call, "turns": turns, "events": events})


@given(rules=rulesets, told=calls(), base=st.floats(0, 1e6))
def test_a_replay_decides_exactly_what_was_decided_live(rules: RuleSet, told: list[Happening], base: float) -> None:
    decided, call = live(rules, told, base)
    assert list(replayed(call, rules)) == decided


def test_rows_without_a_common_order_are_merged_by_time() -> None:
    told = [*spoken(2, 5, 0.5), *spoken(4, 15, 0.9), concern(4, 15, "fraud")]
    decided, call = live(LOUD, told, 1000.0)
    bare = {name: [dict(row) | {"seq": None} for row in rows] for name, rows in (("turns", call.turns), ("events", call.events))}
    without = StoredCall.of({"id": "call", "started_at": STARTED.isoformat(), "number": "100", "route": "front-desk", **bare})
    assert list(replayed(without, LOUD)) == decided
    assert len(decided) == 1


def spoken(number: int, at: float, level: float) -> list[Happening]:
    return [turn(number, at - 2, at), emotion(number, at, level)]


ANGRY = [*spoken(2, 5, 0.1), *spoken(4, 15, 0.7), *spoken(6, 25, 0.9), turn(7, 25.5, 28, who="agent")]


@pytest.mark.parametrize(
    ("then", "now", "change", "was_ms", "would_ms"),
    [
        (LOUD, LOUD, "same", 15_000, 15_000),
        (LOUDER, LOUD, "earlier", 25_000, 15_000),
        (LOUD, LOUDER, "later", 15_000, 25_000),
        (DEAF, LOUD, "newly", None, 15_000),
        (LOUD, DEAF, "not_at_all", 15_000, None),
        (DEAF, DEAF, "never", None, None),
        (LOUD.in_shadow(), LOUD, "newly", None, 15_000),
        (LOUD, LOUD.in_shadow(), "not_at_all", 15_000, None),
    ],
)
def test_what_other_rules_change(then: RuleSet, now: RuleSet, change: str, was_ms: int | None, would_ms: int | None) -> None:
    _, call = live(then, ANGRY, 500.0)
    found = compared(call, now)
    assert (found.change, found.was and found.was.at_ms, found.would and found.would.at_ms) == (change, was_ms, would_ms)
    for side in (found.was, found.would):
        assert side is None or (side.by == "it" and side.reason == "frustrated" and side.grounds)


HANDOVER = event("conversation_ended", 18, {"kind": "handover", "reason": "caller_request"})


def test_what_the_agent_itself_hands_over_it_would_hand_over_again() -> None:
    told = [*spoken(2, 5, 0.1), *spoken(4, 15, 0.1), HANDOVER]
    _, call = live(DEAF, told, 0.0)
    assert (found := compared(call, DEAF)).change == "same"
    assert found.was == found.would
    assert found.was is not None
    assert (found.was.by, found.was.reason, found.was.at_ms) == ("agent", "caller_request", 18_000)
    _, angry = live(DEAF, [*spoken(2, 5, 0.9), *spoken(4, 15, 0.1), HANDOVER], 0.0)
    assert compared(angry, LOUD).change == "earlier"


def test_the_handover_that_follows_a_rules_decision_is_the_rules() -> None:
    told = [*ANGRY[:4], event("conversation_ended", 18, {"kind": "handover", "reason": "frustrated"})]
    _, call = live(LOUD, told, 0.0)
    found = compared(call, DEAF)
    assert found.change == "not_at_all"
    assert found.was is not None
    assert found.was.by == "it"


def test_what_an_agents_own_trigger_escalates_it_would_escalate_again() -> None:
    trigger = RuleSet(rules={"trigger_anger": LOUD.rules["it"]})
    _, call = live(trigger, ANGRY, 0.0)
    assert (found := compared(call, DEAF)).change == "same"
    assert found.would is not None
    assert (found.would.by, found.would.at_ms) == ("trigger_anger", 15_000)


def test_the_answer_to_the_same_turn_is_the_same_moment() -> None:
    told = [*spoken(2, 5, 0.9), event("conversation_ended", 11, {"kind": "handover", "reason": "caller_request"})]
    _, call = live(DEAF, told, 0.0)
    assert compared(call, LOUD).change == "same"
    late = [*spoken(2, 5, 0.9), event("conversation_ended", 31, {"kind": "handover", "reason": "no_input"})]
    assert compared(live(DEAF, late, 0.0)[1], LOUD).change == "earlier"


def test_what_a_call_has_no_record_of() -> None:
    asks = rules("""\
rules:
  one: {when: {emotion: {state: frustrated, at_least: 0.5}}, act: flag}
  two: {when: {fact: {name: tier, is: vip}}, act: flag}
  three: {when: {queue: {measure: waiting, at_least: 1}}, act: flag}
""")
    _, old = live(asks, [turn(2, 3, 5), turn(4, 13, 15)], 0.0)
    assert compared(old, asks).unjudged == {"emotion", "facts", "queue"}
    assert compared(old, DEAF).unjudged == set()
    _, keyed = live(asks, [turn(2, 3, 5, via="keypad")], 0.0)
    assert compared(keyed, asks).unjudged == {"facts", "queue"}
    told = [event("facts", 1, {"tier": "x"}), event("queue", 1, {"queue": "q", "waiting": 0}), *spoken(2, 5, 0.1)]
    assert compared(live(asks, told, 0.0)[1], asks).unjudged == set()


def test_rules_for_other_numbers_are_left_out() -> None:
    elsewhere = rules("when: {emotion: {state: frustrated, of: utterance, at_least: 0.6}}\nact: escalate\nonly: {numbers: ['999']}")
    _, call = live(DEAF, ANGRY, 0.0)
    assert compared(call, elsewhere).change == "never"
    assert compared(call, elsewhere).unjudged == set()


def test_hours_are_those_of_the_call_then() -> None:
    hours = """\
hours: {timezone: Asia/Tokyo, monday: ["09:00-18:31"]}
rules:
  it: {when: {hours: {open: false}}, act: flag}
"""
    _, call = live(DEAF, [turn(2, 3, 5), turn(4, 58, 59), turn(6, 60, 61)], 0.0)
    # 09:30 UTC on a Monday is 18:30 there.
    assert [decision.at_ms for decision in replayed(call, rules(hours))] == [61_000]
