"""Each condition: when it holds, when it does not, and the ground it gives."""

import pytest

from handoff.rules.happenings import Happening
from tests.handoff.rules.rules_scenes import clock, concern, emotion, event, over, rules, spoken, started, turn, when

Told = Happening | list[Happening]


def course(levels: list[float], every_s: float = 10.0) -> list[Told]:
    return [spoken(i * 2 + 1, 10 + i * every_s, level) for i, level in enumerate(levels)]


@pytest.mark.parametrize(
    ("condition", "told", "holds"),
    [
        # emotion: levels
        ("{emotion: {state: frustrated, at_least: 0.6}}", [emotion(1, 5, 0.6)], True),
        ("{emotion: {state: frustrated, at_least: 0.6}}", [emotion(1, 5, 0.59)], False),
        ("{emotion: {state: frustrated, at_least: 0.6}}", [emotion(1, 5, 0.9, course=0.5)], False),
        ("{emotion: {state: frustrated, of: utterance, at_least: 0.6}}", [emotion(1, 5, 0.9, course=0.5)], True),
        ("{emotion: {state: confused, at_least: 0.6}}", [emotion(1, 5, 0.9)], False),
        ("{emotion: {state: satisfied, at_most: 0.2}}", [emotion(1, 5, 0.9)], True),
        ("{emotion: {state: frustrated, at_least: 0.3, at_most: 0.5}}", [emotion(1, 5, 0.4)], True),
        ("{emotion: {state: frustrated, at_least: 0.3, at_most: 0.5}}", [emotion(1, 5, 0.51)], False),
        ("{emotion: {measure: valence, at_most: -0.4}}", [emotion(1, 5, valence=-0.5)], True),
        ("{emotion: {measure: valence, at_most: -0.4}}", [emotion(1, 5, valence=-0.3)], False),
        ("{emotion: {measure: arousal, of: utterance, at_least: 0.8}}", [emotion(1, 5, arousal=0.8)], True),
        # emotion: on
        ("{emotion: {state: frustrated, on: true}}", [emotion(1, 5, 0.4, on=["frustrated"])], True),
        ("{emotion: {state: frustrated, on: true}}", [emotion(1, 5, 0.9, on=["urgent"])], False),
        ("{emotion: {state: frustrated, on: false}}", [emotion(1, 5, 0.9)], True),
        # emotion: what it is known by
        ("{emotion: {state: frustrated, at_least: 0.6, confidence: 0.5}}", [emotion(1, 5, 0.8, confidence=0.5)], True),
        ("{emotion: {state: frustrated, at_least: 0.6, confidence: 0.5}}", [emotion(1, 5, 0.8, confidence=0.4)], False),
        ("{emotion: {state: frustrated, at_least: 0.6, method: text}}", [emotion(1, 5, 0.8, method="audio")], False),
        ("{emotion: {state: frustrated, at_least: 0.6, method: audio}}", [emotion(1, 5, 0.8, method="audio")], True),
        ("{emotion: {state: frustrated, at_least: 0.6, method: text}}", [emotion(1, 5, 0.8)], True),
        ("{emotion: {state: frustrated, at_least: 0.6, method: text}}", [emotion(1, 5, 0.1, method="audio"), emotion(3, 9, 0.8)], False),
        (
            "{emotion: {state: frustrated, of: utterance, at_least: 0.6, method: text}}",
            [emotion(1, 5, 0.1, method="audio"), emotion(3, 9, 0.8)],
            True,
        ),
        (
            "{emotion: {state: frustrated, at_least: 0.6, besides_voice: true}}",
            [emotion(1, 5, 0.8, method="audio", reasons=[("voice.pitch", 0.5), ("words.complaint", -0.2)])],
            False,
        ),
        (
            "{emotion: {state: frustrated, at_least: 0.6, besides_voice: true}}",
            [emotion(1, 5, 0.8, method="audio", reasons=[("voice.pitch", 0.5), ("behaviour.misses", 0.2)])],
            False,
        ),
        (
            "{emotion: {state: frustrated, at_least: 0.6, besides_voice: true}}",
            [emotion(1, 5, 0.8, method="audio", reasons=[("voice.pitch", 0.5), ("behaviour.repeats", 0.2)])],
            True,
        ),
        ("{emotion: {state: frustrated, at_least: 0.6, besides_voice: true}}", [emotion(1, 5, 0.8, reasons=[])], True),
        # emotion: over time
        ("{emotion: {state: frustrated, at_least: 0.6, held_s: 20}}", course([0.7, 0.7, 0.7]), True),
        ("{emotion: {state: frustrated, at_least: 0.6, held_s: 20}}", course([0.7, 0.5, 0.7, 0.7]), False),
        ("{emotion: {state: frustrated, at_least: 0.6, held_s: 20}}", [*course([0.7, 0.7]), clock(30)], True),
        ("{emotion: {state: frustrated, rises_per_min: 0.5}}", course([0.1, 0.2, 0.3]), True),
        ("{emotion: {state: frustrated, rises_per_min: 0.7}}", course([0.1, 0.2, 0.3]), False),
        ("{emotion: {state: frustrated, rises_per_min: 0.5}}", course([0.1, 0.9]), False),
        ("{emotion: {state: frustrated, rises_per_min: 0.5, over_s: 15}}", course([0.1, 0.2, 0.3]), False),
        # concern
        ("{concern: {name: fraud}}", [turn(1, 3, 5), concern(1, 5, "fraud", 0.5)], True),
        ("{concern: {name: fraud}}", [turn(1, 3, 5), concern(1, 5, "fraud", 0.49)], False),
        ("{concern: {name: fraud, confidence: 0.3}}", [turn(1, 3, 5), concern(1, 5, "emergency", 0.9)], False),
        # events
        ("{events: {count: no_input, at_least: 2}}", [event("no_input", 5), event("no_input", 50)], True),
        ("{events: {count: no_input, at_least: 2, within_s: 30}}", [event("no_input", 5), event("no_input", 50)], False),
        ("{events: {count: no_match, at_least: 2}}", [event("no_match", 5), event("no_input", 6)], False),
        ("{events: {count: failure, at_least: 2}}", [event("no_match", 5), event("no_input", 6)], True),
        ("{events: {count: failure, at_least: 2}}", [event("transcription_failed", 5), event("tool", 6, {"ok": False})], True),
        ("{events: {count: tool_error}}", [event("tool", 6, {"ok": True})], False),
        ("{events: {count: setback, at_least: 2}}", [event("setback", 5), event("setback", 6)], True),
        ("{events: {count: interruption}}", [turn(1, 3, 5, who="agent", interrupted=True)], True),
        ("{events: {count: interruption}}", [turn(1, 3, 5, who="agent")], False),
        ("{events: {count: silence}}", [turn(1, 1, 5, who="agent"), turn(2, 9, 10)], True),
        ("{events: {count: silence}}", [turn(1, 1, 5, who="agent"), turn(2, 8.9, 10)], False),
        ("{events: {count: silence, longer_than_s: 2}}", [turn(1, 1, 5, who="agent"), turn(2, 8.9, 10)], True),
        ("{events: {note: detail_added}}", [event("detail_added", 5)], True),
        ("{events: {note: detail_added, at_least: 2}}", [event("detail_added", 5)], False),
        ("{events: {note: tool, at_least: 2}}", [event("tool", 5, {"ok": True}), event("tool", 6, {"ok": False})], True),
        # time in the call
        ("{call: {longer_than_s: 60}}", [event("noise", 60.001)], True),
        ("{call: {longer_than_s: 60}}", [event("noise", 60)], False),
        # facts
        ("{fact: {name: tier, is: VIP}}", [event("facts", 5, {"tier": "vip"})], True),
        ("{fact: {name: tier, is: vip}}", [event("facts", 5, {"tier": "vip"}), event("facts", 6, {"order": "1"})], True),
        ("{fact: {name: tier, is: vip}}", [event("facts", 5, {"tier": "usual"})], False),
        ("{fact: {name: tier, is: vip}}", [event("facts", 5, {"name": "vip"})], False),
        ("{fact: {name: orders, is: 3}}", [event("facts", 5, {"orders": "3"})], True),
        ("{fact: {name: known, is: true}}", [event("facts", 5, {"known": "True"})], True),
        ("{fact: {name: tier, one_of: [gold, vip]}}", [event("facts", 5, {"tier": "Gold"})], True),
        ("{fact: {name: tier, one_of: [gold, vip]}}", [event("facts", 5, {"tier": "tin"})], False),
        ("{fact: {name: balance, at_least: 100}}", [event("facts", 5, {"balance": "100.5"})], True),
        ("{fact: {name: balance, at_least: 100}}", [event("facts", 5, {"balance": "much"})], False),
        ("{fact: {name: balance, at_most: 0}}", [event("facts", 5, {"balance": -1})], True),
        ("{fact: {name: tier, known: true}}", [event("facts", 5, {"tier": "x"})], True),
        ("{fact: {name: tier, known: true}}", [event("facts", 5, {"tier": " "})], False),
        ("{fact: {name: tier, known: false}}", [event("facts", 5, {})], True),
        ("{not: {fact: {name: tier, is: vip}}}", [event("facts", 5, {"tier": "usual"})], True),
        ("{not: {fact: {name: tier, is: vip}}}", [event("facts", 5, {})], False),
        # queues
        ("{queue: {name: vip, measure: waiting, at_least: 3}}", [event("queue", 5, {"queue": "vip", "waiting": 3})], True),
        ("{queue: {name: vip, measure: waiting, at_least: 3}}", [event("queue", 5, {"queue": "other", "waiting": 3})], False),
        ("{queue: {measure: members_free, at_most: 0}}", [event("queue", 5, {"queue": "support", "members_free": 0})], True),
        ("{queue: {measure: expected_wait_s, at_least: 60}}", [event("queue", 5, {"queue": "support", "expected_wait_s": None})], False),
        ("{not: {queue: {measure: expected_wait_s, at_least: 60}}}", [event("queue", 5, {"queue": "s", "expected_wait_s": None})], False),
        ("{not: {queue: {measure: expected_wait_s, at_least: 60}}}", [event("queue", 5, {"queue": "s", "expected_wait_s": 59})], True),
        # together
        ("{any: [{concern: {name: fraud}}, {emotion: {state: urgent, at_least: 0.5}}]}", [emotion(1, 5, 0.6, state="urgent")], True),
        ("{all: [{concern: {name: fraud}}, {emotion: {state: urgent, at_least: 0.5}}]}", [emotion(1, 5, 0.6, state="urgent")], False),
        (
            "{all: [{concern: {name: fraud}}, {emotion: {state: urgent, at_least: 0.5}}]}",
            [turn(1, 3, 5), emotion(1, 5, 0.6, state="urgent"), concern(1, 5, "fraud")],
            True,
        ),
        ("{not: {emotion: {state: frustrated, at_least: 0.5}}}", [event("noise", 3)], False),
        ("{not: {emotion: {state: frustrated, at_least: 0.5}}}", [emotion(1, 5, 0.4)], True),
    ],
)
def test_condition(condition: str, told: list[Told], holds: bool) -> None:
    decisions = over(when(condition), started(), *told)
    assert bool(decisions) is holds
    assert all(decision.grounds for decision in decisions)


HOURS = """\
hours: {timezone: Europe/London, monday: ["09:00-17:00"], tuesday: ["09:00-12:00", "13:00-17:00"]}
holidays: ["2030-12-25"]
rules:
  it: {when: {hours: CONDITION}, act: flag}
"""


@pytest.mark.parametrize(
    ("condition", "told", "holds"),
    [
        ("{open: true}", clock(1, 0, 540), True),
        ("{open: true}", clock(1, 0, 539), False),
        ("{open: true}", clock(1, 0, 1020), False),
        ("{open: true}", clock(1, 1, 750), False),
        ("{open: true}", clock(1, 2, 600), False),
        ("{open: false}", clock(1, 2, 600), True),
        ("{open: true}", clock(1, 0, 600, holiday=True), False),
        ("{holiday: true}", clock(1, 0, 600, holiday=True), True),
        ("{weekdays: [mon, fri]}", clock(1, 4), True),
        ("{weekdays: [mon, fri]}", clock(1, 5), False),
        ('{between: "08:00-08:01"}', clock(1, 0, 480), True),
        ('{between: "08:00-08:01"}', clock(1, 0, 481), False),
        ('{open: true, weekdays: [tue], between: "13:00-14:00"}', clock(1, 1, 800), True),
        ("{open: false}", event("noise", 1), False),  # nobody has told the time
    ],
)
def test_hours(condition: str, told: Happening, holds: bool) -> None:
    assert bool(over(rules(HOURS.replace("CONDITION", condition)), started(), told)) is holds


def test_ground_of_a_level_tells_where_it_was_heard() -> None:
    (decision,) = over(
        when("{emotion: {state: frustrated, of: utterance, at_least: 0.6, confidence: 0.5}}"),
        started(at=100.0),
        spoken(2, 110, 0.2),
        spoken(4, 121.5, 0.82),
    )
    level, confidence = decision.grounds
    assert (level.signal, level.value, level.op, level.threshold, level.turn) == ("emotion.frustrated.said", 0.82, ">=", 0.6, 4)
    assert (level.start_ms, level.end_ms) == (120000, 121500)
    assert (confidence.signal, confidence.value, confidence.threshold) == ("emotion.frustrated.confidence", 0.9, 0.5)
    assert decision.at_ms == 21500


def test_ground_of_a_level_that_has_held() -> None:
    (decision,) = over(when("{emotion: {state: frustrated, at_least: 0.6, held_s: 15}}"), started(), *course([0.7, 0.8, 0.9]))
    assert decision.grounds[0].held_s == 20.0


def test_ground_of_events_and_of_concerns_have_the_turn_and_its_place_in_the_audio() -> None:
    (counted,) = over(when("{events: {count: no_match, at_least: 1}}"), started(), turn(3, 7, 9), event("no_match", 9.5))
    (found,) = over(when("{concern: {name: fraud}}"), started(), turn(3, 7, 9), concern(3, 9, "fraud", 0.8))
    for decision in (counted, found):
        (ground,) = decision.grounds
        assert (ground.turn, ground.start_ms, ground.end_ms) == (3, 7000, 9000)
    assert (counted.grounds[0].value, found.grounds[0].value) == (1, 0.8)


def test_grounds_of_any_are_those_that_hold_and_of_not_are_told_as_such() -> None:
    either = when("{any: [{concern: {name: fraud}}, {fact: {name: tier, is: vip}}]}")
    (decision,) = over(either, started(), event("facts", 1, {"tier": "vip"}))
    assert [ground.signal for ground in decision.grounds] == ["fact.tier"]
    (decision,) = over(when("{not: {fact: {name: tier, is: vip}}}"), started(), event("facts", 1, {"tier": "Mrs. Example's own words"}))
    (ground,) = decision.grounds
    assert (ground.op, ground.threshold, ground.value) == ("not is", "vip", "(other)")


def test_a_concern_is_over_with_the_next_turn() -> None:
    both = when("{all: [{concern: {name: fraud}}, {events: {count: no_match}}]}")
    assert over(both, started(), turn(1, 1, 2), concern(1, 2, "fraud"), event("no_match", 3))
    assert not over(both, started(), turn(1, 1, 2), concern(1, 2, "fraud"), turn(3, 4, 5), event("no_match", 6))


def test_an_utterance_that_is_not_judged_yet_is_not_the_last_one() -> None:
    both = when("{all: [{emotion: {state: frustrated, of: utterance, at_least: 0.5}}, {events: {count: no_match}}]}")
    assert not over(both, started(), spoken(1, 2, 0.9), turn(3, 4, 5), event("no_match", 6))
    assert over(both, started(), spoken(1, 2, 0.9), event("no_match", 3))


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"turn": "x", "states": 3, "said": None, "on": 7, "reasons": [1, {"signal": "words.x"}], "confidence": []},
        {"turn": 1, "states": {"frustrated": "high"}, "said": {"frustrated": float("nan")}},
    ],
)
def test_events_that_make_no_sense_do_no_harm(broken: dict[str, object]) -> None:
    some = when("{emotion: {state: frustrated, at_least: 0.5}}")
    told = [event(kind, 5, broken) for kind in ("emotion", "concern", "turn", "facts", "queue", "clock", "tool")]
    assert not over(some, started(), *told)
    assert over(some, started(), *told, emotion(5, 9, 0.9))
