"""What rules decided and why, in words; and nothing that is not in their grounds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.transcript import JsonValue
from handoff.card import CallEvent
from handoff.rule_grounds import ACTS, deciding, ruling_of, rulings_in, why
from handoff.rules.decisions import Ground
from tests.handoff.felt import ruled


def told(*grounds: Ground, language: str = "en") -> str:
    ruling = ruling_of(1.0, ruled(grounds=grounds))
    assert ruling is not None
    return why(ruling, language)


def test_what_belongs_together_is_one_clause() -> None:
    assert (
        told(
            Ground("emotion.frustrated", 0.82, ">=", 0.7, turn=5, held_s=14.2),
            Ground("emotion.frustrated.held_s", 14.2, ">=", 10.0, turn=5),
            Ground("emotion.frustrated.confidence", 0.6, ">=", 0.5, turn=5),
            Ground("emotion.method", "text", "is", "text", turn=5),
            Ground("queue.vip-line.waiting", 2, "<=", 5),
        )
        == "frustrated 0.82 for 14 s (limit 0.7); queue: vip-line waiting 2 (at most 5)"
    )


@pytest.mark.parametrize(
    ("grounds", "sentence"),
    [
        (
            (Ground("emotion.frustrated", 0.7, ">=", 0.7, turn=3), Ground("emotion.frustrated", 0.82, ">=", 0.7, turn=5)),
            "2 turns (limit 0.7)",
        ),
        ((Ground("concern.legal_threat", 0.9, ">=", 0.6, turn=5),), "speaks of legal steps 0.9 (limit 0.6)"),
        ((Ground("hours.open", True, "is", True),), "open now"),
        ((Ground("fact.tier", "gold", "is", "gold"),), "customer: tier gold"),
        ((Ground("events.no_input", 3, ">=", 2),), "times without an answer 3 (limit 2)"),
        ((Ground("call.seconds", 301.0, ">", 300.0),), "seconds in the call 301 (limit 300)"),
        ((Ground("queue.support.waiting", 9, "not <=", 5),), "queue: support waiting 9 (limit 5)"),
        ((Ground("emotion.frustrated.per_min", 0.31, ">=", 0.2, turn=5),), "frustrated, rise in a minute 0.31 (limit 0.2)"),
        ((), ""),
    ],
)
def test_sentences(grounds: tuple[Ground, ...], sentence: str) -> None:
    assert told(*grounds).endswith(sentence)


def test_the_same_in_spanish() -> None:
    assert told(Ground("emotion.frustrated", 0.82, ">=", 0.7, turn=5, held_s=14.2), language="es") == (
        "frustración 0.82 durante 14 s (límite 0.7)"
    )


def test_who_decided_is_the_last_rule_that_acted_with_the_reason() -> None:
    events: list[CallEvent] = [
        ("escalation_rule", 1.0, ruled("first")),
        ("escalation_rule", 2.0, ruled("second")),
        ("escalation_rule", 3.0, ruled("watching", shadow=True)),
        ("escalation_rule", 4.0, ruled("gentle", act="adapt")),
        ("escalation_rule", 5.0, ruled("legal", reason="legal_threat")),
        ("tool", 6.0, {"name": "x"}),
        ("escalation_rule", 7.0, {"rule": "half", "act": "dance"}),
    ]
    rulings = rulings_in(events, 0.0)
    assert [ruling.rule for ruling in rulings] == ["first", "second", "watching", "gentle", "legal"]
    assert (found := deciding(rulings, "frustrated")) is not None
    assert found.rule == "second"
    assert deciding(rulings, "caller_request") is None
    assert [ruling.done for ruling in rulings[1:4]] == ["called a person", "would have called a person", "changed the manner"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["signal", "value", "op", "threshold", "turn", "held_s"]), inner)
    ),
    max_leaves=10,
)


@given(
    grounds=st.lists(st.dictionaries(st.sampled_from(["signal", "value", "op", "threshold", "turn", "start_ms", "held_s"]), json_values)),
    more=st.dictionaries(st.sampled_from(["queue", "priority", "reason", "shadow", "rule"]), json_values),
    act=st.sampled_from(ACTS),
)
def test_no_event_is_so_broken_that_it_hurts(grounds: list[JsonValue], more: dict[str, JsonValue], act: str) -> None:
    ruling = ruling_of(1.0, {**ruled(), **more, "act": act, "grounds": grounds})
    if ruling is not None:
        assert len(why(ruling)) <= 240
        assert "\n" not in why(ruling)


def test_numbers_in_the_sentence_are_those_of_the_grounds() -> None:
    sentence = told(Ground("emotion.urgent", 0.61234, ">=", 0.6, turn=7, held_s=33.4), Ground("events.silence", 4, ">=", 3, turn=7))
    assert re.findall(r"[0-9.]+", sentence) == ["0.61", "33", "0.6", "4", "3"]
