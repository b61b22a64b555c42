"""The rules that ship, over calls whose feelings are told utterance by utterance and smoothed as in a live call."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.course import Course
from agents.emotion.course import step as smooth
from agents.emotion.event import emotion_event
from agents.emotion.signs import STATES, Feeling, Level, Method, Reason, State
from handoff.rules.checking import CONCERNS
from handoff.rules.conditions import ConcernPart
from handoff.rules.decisions import Decision
from handoff.rules.happenings import Happening
from handoff.rules.ruleset import RuleSet
from tests.handoff.rules.rules_scenes import concern, event, over, seen, started, turn

RULES = RuleSet.load()
WORDS = (Reason("words.complaint", 1.0, None, 0.4),)
VOICE = (Reason("voice.pitch_median", 4.0, 0.0, 0.5), Reason("behaviour.misses", 3.0, None, 0.2))


def call(
    utterances: Sequence[Mapping[State, float]],
    *,
    confidence: float = 0.8,
    method: Method = "text",
    reasons: tuple[Reason, ...] = WORDS,
    every_s: float = 12.0,
    arousal: float = 0.5,
) -> list[Happening]:
    told, course = [started()], Course()
    for i, levels in enumerate(utterances):
        number, at = 2 * i + 2, 10 + i * every_s
        known = {state: Level(levels.get(state, 0.0), confidence if levels.get(state) else 0.2) for state in STATES}
        feeling = Feeling(-max(levels.values(), default=0.0), arousal, known, method, reasons)
        course, mood = smooth(course, feeling, at)
        told += [turn(number, at - 2, at), Happening("emotion", at, emotion_event(number, feeling, mood, 0, 0))]
    return told


def frustrated(*levels: float, **more: object) -> list[Happening]:
    return call([{"frustrated": level} for level in levels], **more)  # type: ignore[arg-type]


def acts(decisions: Sequence[Decision]) -> list[tuple[str, int]]:
    """What was decided, after which utterance."""
    return [(decision.act, (decision.at_ms - 10_000) // 12_000 + 1) for decision in decisions]


@pytest.mark.parametrize(
    ("levels", "decided"),
    [
        ([0.9], [("escalate", 1)]),
        ([0.1, 0.0, 0.9], [("escalate", 3)]),
        ([0.65], [("try_once", 1)]),
        ([0.65, 0.65], [("try_once", 1), ("escalate", 2)]),
        ([0.65, 0.0, 0.0], [("try_once", 1)]),
        ([0.65, 0.0, 0.65], [("try_once", 1), ("escalate", 3)]),
        ([0.65, 0.8], [("try_once", 1), ("escalate", 2)]),
        ([0.55] * 3, [("try_once", 1), ("escalate", 2)]),
        ([0.5, 0.0, 0.5], [("try_once", 1), ("escalate", 3)]),
        ([0.45] * 4, []),
        ([0.2] * 20, []),
        ([0.3, 0.1] * 10, []),
    ],
)
def test_frustration(levels: list[float], decided: list[tuple[str, int]]) -> None:
    assert acts(over(RULES, frustrated(*levels))) == decided


@given(levels=st.lists(st.floats(0.6, 1.0), min_size=2, max_size=2), calm=st.lists(st.floats(0.0, 0.2), max_size=6))
def test_whoever_is_angry_twice_reaches_a_person_before_the_third_time(levels: list[float], calm: list[float]) -> None:
    assert "escalate" in [act for act, _ in acts(over(RULES, frustrated(*calm, *levels, confidence=0.6)))]


@given(levels=st.lists(st.floats(0.0, 0.3), max_size=30), method=st.sampled_from(["text", "audio"]))
def test_calm_callers_are_left_in_peace(levels: list[float], method: Method) -> None:
    assert not over(RULES, frustrated(*levels, method=method))


@given(
    levels=st.lists(st.floats(0.0, 1.0), max_size=30),
    confidence=st.floats(0.0, 1.0),
)
def test_the_sound_of_the_voice_alone_calls_nobody_in_one_turn(levels: list[float], confidence: float) -> None:
    """Loud speakers and noisy lines, on which much is misheard too."""
    decided = seen(RULES, *frustrated(*levels, confidence=confidence, method="audio", reasons=VOICE))
    for happening, decision in decided:
        now = round((happening.at - 10) / 12)
        assert (decision.rule, decision.act) == ("voice_alone", "escalate")
        assert min(round(levels[now], 3), round(levels[now - 1], 3)) >= 0.85
        assert now >= 1


@pytest.mark.parametrize(
    ("levels", "decided"),
    [
        ([0.55], [("escalate", 1)]),
        ([0.4], [("try_once", 1)]),
        ([0.4, 0.4], [("try_once", 1), ("escalate", 2)]),
        ([0.25] * 3, []),
    ],
)
def test_in_a_raised_voice_fainter_words_count(levels: list[float], decided: list[tuple[str, int]]) -> None:
    assert acts(over(RULES, frustrated(*levels, method="audio", arousal=0.7))) == decided


def test_but_not_without_words_nor_in_writing_nor_in_a_voice_that_is_hardly_raised() -> None:
    assert not over(RULES, frustrated(0.55, method="audio", arousal=0.7, reasons=VOICE))
    assert acts(over(RULES, frustrated(0.55, arousal=0.7))) == [("try_once", 1)]
    assert acts(over(RULES, frustrated(0.55, method="audio", arousal=0.6))) == [("try_once", 1)]


def test_a_very_strong_voice_that_lasts_does() -> None:
    strong = frustrated(0.9, 0.9, method="audio", reasons=VOICE)
    assert [(decision.rule, decision.at_ms) for decision in over(RULES, strong)] == [("voice_alone", 22_000)]
    assert not over(RULES, frustrated(0.9, 0.9, method="audio", reasons=VOICE, confidence=0.5))


@pytest.mark.parametrize("name", ["emergency", "vulnerable", "asks_person", "legal_threat", "fraud"])
def test_concerns_call_a_person_at_once(name: str) -> None:
    (decision,) = over(RULES, started(), turn(2, 3, 5), concern(2, 5, name, 0.7))
    assert (decision.act, decision.reason) == ("escalate", name)
    assert not over(RULES, started(), turn(2, 3, 5), concern(2, 5, name, 0.4))


def test_an_emergency_goes_first() -> None:
    told = [turn(2, 3, 5), *(concern(2, 5, name) for name in ("asks_person", "emergency"))]
    assert over(RULES, started(), *told)[0].rule == "asks_person"  # heard one after the other: the first one calls
    names = list(RULES.rules)
    assert names.index("emergency") < names.index("asks_person") < names.index("clear_frustration")


def test_many_failures_in_a_row_call_a_person() -> None:
    kinds = ["no_match", "no_input", "no_match", "transcription_failed"]
    failures = [event(kind, 10.0 + 20 * i) for i, kind in enumerate(kinds)]
    assert not over(RULES, *failures)
    (decision,) = over(RULES, *failures, event("tool", 95, {"ok": False}))
    assert (decision.act, decision.reason) == ("escalate", "repeated_failure")
    assert not over(RULES, *failures, event("tool", 300, {"ok": False}))


def test_confusion_changes_the_manner() -> None:
    (decision,) = over(RULES, call([{"confused": 0.7}]))
    assert (decision.rule, decision.act) == ("confusion", "adapt")
    assert decision.manner is not None
    assert decision.manner.pace < 1
    assert decision.manner.slow_readback
    assert decision.manner.short


def test_urgency_is_only_noted() -> None:
    (decision,) = over(RULES, call([{"urgent": 0.8}, {"urgent": 0.8}]))
    assert (decision.rule, decision.act) == ("urgency", "flag")


def test_nobody_waits_shorter_for_how_they_sound() -> None:
    assert all(rule.priority is None and not rule.allow_voice_priority for rule in RULES.rules.values())


def test_whatever_is_said_is_said_in_english_and_spanish() -> None:
    for name, rule in RULES.rules.items():
        for said in (rule.say, rule.say_handing_over):
            assert set(said) in (set(), {"en", "es"}), name
        if rule.act == "escalate":
            assert rule.say, name


def test_concerns_of_the_shipped_rules_are_known() -> None:
    asked = {leaf.name for rule in RULES.rules.values() for leaf in rule.when.leaves() if isinstance(leaf, ConcernPart)}
    assert asked <= set(CONCERNS)
