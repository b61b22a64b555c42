"""The mood of live calls and the last rule, as the floor is told of them."""

import pytest

from handoff.desk.floor.alerts import AlertLimits, find_alerts
from handoff.desk.floor.live_calls import LiveCalls
from handoff.desk.floor.live_mood import KEPT
from tests.handoff.felt import felt, ruled


@pytest.fixture
def live() -> LiveCalls:
    live = LiveCalls()
    live.apply("state", "c1", 100.0, {"state": "talking"})
    return live


def happened(live: LiveCalls, kind: str, data: object, at: float = 101.0) -> None:
    assert live.apply("event", "c1", at, {"event": kind, "data": data})  # type: ignore[dict-item]


def test_mood_with_level_valence_and_trend(live: LiveCalls) -> None:
    for turn, valence in ((2, 0.1), (4, 0.05), (6, -0.5)):
        happened(live, "emotion", felt(turn, "frustrated" if valence < 0 else None, 0.8, valence, "audio"), 100.0 + turn)
    facts = live.calls["c1"].facts
    assert facts["mood"] == {
        "label": "frustrated",
        "words": "frustrated",
        "level": 0.8,
        "valence": -0.5,
        "trend": "worse",
        "by": "words and voice",
        "at": 106.0,
    }
    assert [point["label"] for point in facts["emotion"]] == ["calm", "calm", "frustrated"]  # type: ignore[index,union-attr,call-overload]
    happened(live, "emotion", felt(8, None, valence=0.2))
    assert live.calls["c1"].facts["mood"]["trend"] == "better"  # type: ignore[index,call-overload]
    happened(live, "emotion", felt(10, None, valence=-0.1))
    assert live.calls["c1"].facts["mood"]["trend"] == "steady"  # type: ignore[index,call-overload]


def test_the_course_does_not_grow_without_end(live: LiveCalls) -> None:
    for turn in range(1, KEPT + 20):
        happened(live, "emotion", felt(turn))
    assert len(live.calls["c1"].facts["emotion"]) == KEPT  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["with_person", "ending"])
def test_with_a_person_nobody_is_judged(live: LiveCalls, state: str) -> None:
    happened(live, "emotion", felt(2, "urgent"))
    live.apply("state", "c1", 102.0, {"state": state})
    before = live.calls["c1"].facts["mood"]
    happened(live, "emotion", felt(4, "frustrated"))
    assert live.calls["c1"].facts["mood"] == before


def test_the_last_rule_and_why(live: LiveCalls) -> None:
    happened(live, "escalation_rule", ruled("watching", shadow=True))
    assert live.calls["c1"].facts["ruling"]["shadow"] is True  # type: ignore[index,call-overload]
    happened(live, "escalation_rule", ruled())
    happened(live, "escalation_rule", ruled("watching", shadow=True))
    assert live.calls["c1"].facts["ruling"] == {
        "rule": "angry caller",
        "done": "called a person",
        "shadow": False,
        "why": "frustrated 0.82 for 14 s (limit 0.7)",
        "queue": "support",
        "at": 101.0,
    }
    happened(live, "escalation_rule", ruled("softer", act="adapt"))
    assert live.calls["c1"].facts["ruling"]["rule"] == "softer"


@pytest.mark.parametrize("data", [{}, {"rule": 7}, {"label": "x"}, {"rule": "x", "act": "y", "grounds": "z"}])
def test_what_cannot_be_read_changes_nothing(live: LiveCalls, data: dict[str, object]) -> None:
    before = dict(live.calls["c1"].facts)
    for kind in ("emotion", "escalation_rule"):
        happened(live, kind, data)
    assert live.calls["c1"].facts == before


def test_a_snapshot_has_it(live: LiveCalls) -> None:
    happened(live, "emotion", felt(2, "frustrated"))
    happened(live, "escalation_rule", ruled())
    other = LiveCalls()
    other.replace(live.whole())
    assert other.whole() == live.whole()
    assert other.calls["c1"].facts["mood"]


def test_a_troubled_caller_is_an_alert_while_with_the_ai(live: LiveCalls) -> None:
    def alerts() -> list[str]:
        return [alert.text for alert in find_alerts(live.calls.values(), {}, 103.0, AlertLimits())]

    happened(live, "emotion", felt(2, "frustrated", 0.4))
    assert alerts() == []
    happened(live, "emotion", felt(4, "frustrated", 0.6))
    assert alerts() == ["A caller with the AI seems frustrated"]
    happened(live, "emotion", felt(6, "satisfied", 0.9, 0.5))
    assert alerts() == []
    happened(live, "emotion", felt(8, "urgent", 0.9))
    live.apply("state", "c1", 104.0, {"state": "with_person"})
    assert alerts() == []
