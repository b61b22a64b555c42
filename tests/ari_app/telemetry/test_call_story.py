"""A call as a trace: spans lie where things happened, inside of the call, and say nothing of what was said."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from agents.transcript import JsonValue, Turn
from ari_app.telemetry.story import Trace, tell
from handoff.records.store import CallEnded, CallStarted

BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "my card is 4111"
CALLER = "+442071838750"


def told(outcome: str = "handover") -> Trace:
    started = CallStarted("c1", BEGAN, 1000.0, "100", CALLER, "front-desk", "PJSIP/trunk-00000001")
    ended = CallEnded("c1", BEGAN + timedelta(seconds=30), outcome, "caller_request", {})
    turns = [
        Turn(1, "agent", "Hello", "Hello", 1000.5, 1002.0),
        Turn(2, "caller", SECRET, SECRET, 1003.0, 1005.0),
        Turn(3, "agent", "One moment", "One", 1005.4, 1006.0, interrupted=True, latency_ms={"gap": 400.0, "stt": 60.04, "tts": 50.0}),
    ]
    events: list[tuple[str, float, Mapping[str, JsonValue]]] = [
        ("tool", 1005.2, {"name": "orders.find", "ok": False, "ms": 150, "error": "ConnectionError"}),
        ("escalation_rule", 1006.0, {"rule": "clear_frustration", "act": "escalate", "shadow": False, "grounds": [{"signal": "x"}]}),
        ("handover", 1007.0, {"queue": "support", "reason": "caller_request", "card_id": "k"}),
        ("with_person", 1019.5, {"member": "Agent 2001", "queue": "support"}),
        ("handover", 1025.0, {"queue": "support", "reason": "again"}),
    ]
    return tell(started, ended, turns, events)


def at(span_ns: int) -> float:
    return round(span_ns / 1e9 - BEGAN.timestamp(), 3)


def test_spans_lie_where_things_happened() -> None:
    trace = told()
    assert [(part.name, at(part.start_ns), at(part.end_ns)) for part in trace.parts] == [
        ("agent speaks", 0.5, 2.0),
        ("caller speaks", 3.0, 5.0),
        ("response", 5.0, 5.4),
        ("tool", 5.05, 5.2),
        ("agent speaks", 5.4, 6.0),
        ("transfer", 7.0, 19.5),
        ("transfer", 25.0, 30.0),
    ]
    assert (at(trace.root.start_ns), at(trace.root.end_ns)) == (0.0, 30.0)
    assert all(trace.root.start_ns <= part.start_ns <= part.end_ns <= trace.root.end_ns for part in trace.parts)


def test_what_a_span_tells() -> None:
    parts = {(part.name, at(part.start_ns)): part for part in told().parts}
    assert dict(parts["response", 5.0].attributes) == {
        "patchcord.turn": 3,
        "patchcord.gap_ms": 400.0,
        "patchcord.stt_ms": 60.0,
        "patchcord.tts_ms": 50.0,
    }
    assert parts["tool", 5.05].failed and parts["tool", 5.05].attributes["patchcord.tool"] == "orders.find"
    assert parts["transfer", 7.0].attributes["patchcord.result"] == "with_person"
    assert parts["transfer", 25.0].attributes["patchcord.result"] == "call_ended"
    assert [(moment.name, at(moment.at_ns), moment.attributes["patchcord.rule"]) for moment in told().root.moments] == [
        ("escalation_rule", 6.0, "clear_frustration")
    ]


def test_only_calls_that_went_wrong_are_marked() -> None:
    assert [told(outcome).root.failed for outcome in ("handover", "goodbye", "failed", "rescued")] == [False, False, True, True]


def test_nothing_said_and_no_caller_is_in_a_trace() -> None:
    trace = told()
    everything = json.dumps([[dict(part.attributes), [dict(m.attributes) for m in part.moments]] for part in (trace.root, *trace.parts)])
    for private in (SECRET, "4111", CALLER, "Hello", "Agent 2001", "One moment"):
        assert private not in everything
