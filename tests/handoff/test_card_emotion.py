"""The course of a call's mood out of its events, whatever is in them."""

import dataclasses
import json
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.signs import Reason
from agents.transcript import JsonValue
from handoff.card import CallEvent, EmotionPoint, card_from_json, card_to_json
from handoff.emotion_course import MOST_POINTS, MOST_REASONS, course_in, emotion_consent, mood_in_words, mood_that_matters
from handoff.emotion_words import TROUBLED
from tests.handoff.card_doubles import card_of
from tests.handoff.felt import ANGRY, felt, ruled


def test_points_are_those_of_the_events_in_plain_words() -> None:
    events: list[CallEvent] = [
        ("emotion", 110.0, felt(2, None, valence=0.1)),
        ("tool", 111.0, {"name": "x", "ok": True}),
        ("emotion", 120.5, felt(4, "frustrated", 0.82, -0.45, "audio")),
    ]
    calm, angry = course_in(events, 100.0)
    assert (calm.at_ms, calm.label, calm.level, calm.turn, calm.method) == (10_000, "calm", 0.0, 2, "text")
    assert angry == EmotionPoint(
        20_500,
        "frustrated",
        -0.45,
        "audio",
        arousal=0.7,
        level=0.82,
        turn=4,
        reasons=("words: called often", "loudness above usual", "asks the same again"),
    )


def test_reasons_are_in_the_language_of_the_call() -> None:
    (point,) = course_in([("emotion", 1.0, felt(2, "frustrated"))], 0.0, "es-MX")
    assert point.reasons == ("lo que dice", "volumen de la voz por encima de lo habitual", "pide lo mismo otra vez")


def test_of_one_turn_the_later_event_holds_and_times_are_in_order() -> None:
    events: list[CallEvent] = [
        ("emotion", 9.0, felt(4, "frustrated")),
        ("emotion", 5.0, felt(2, "confused")),
        ("emotion", 9.5, felt(4, None)),
    ]
    assert [(point.turn, point.label) for point in course_in(events, 0.0)] == [(2, "confused"), (4, "calm")]


def test_a_long_call_keeps_its_newest_points() -> None:
    course = course_in([("emotion", float(turn), felt(turn)) for turn in range(1, MOST_POINTS + 51)], 0.0)
    assert len(course) == MOST_POINTS
    assert course[-1].turn == MOST_POINTS + 50


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"label": None},
        {"label": "I hate you", "valence": 0},
        {"valence": float("nan")},
        {"valence": True},
        {"valence": "low"},
        {"who": "person"},
    ],
)
def test_what_cannot_be_a_point_is_none(broken: dict[str, JsonValue]) -> None:
    data = {**felt(2, "frustrated"), **broken} if broken else {}
    assert course_in([("emotion", 1.0, data)], 0.0) == ()
    assert course_in([("emotion", float("inf"), felt(2))], 0.0) == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["signal", "value", "usual", "weight"]), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ["label", "level", "valence", "arousal", "turn", "method", "reasons", "who"]


@given(data=st.dictionaries(st.sampled_from(FIELDS), json_values), good=st.booleans(), at=st.floats())
def test_whatever_is_in_an_event_the_points_are_in_range(data: dict[str, JsonValue], good: bool, at: float) -> None:
    event: CallEvent = ("emotion", at, {**(felt(3, "urgent") if good else {}), **data})
    for point in course_in([event], 0.0):
        assert -1 <= point.value <= 1
        assert 0 <= point.level <= 1
        assert 0 <= point.arousal <= 1
        assert point.turn >= 0
        assert len(point.reasons) <= MOST_REASONS
        json.dumps(dataclasses.asdict(point), allow_nan=False)


def test_no_words_of_the_caller_come_through_as_names() -> None:
    said = (Reason("you are all thieves", 1.0, None, 0.9), Reason("words.demand", 1.0, None, 0.1))
    (point,) = course_in([("emotion", 1.0, felt(2, "frustrated", reasons=said))], 0.0)
    assert point.reasons == ("words: demand",)


def test_what_the_caller_was_told() -> None:
    text: CallEvent = ("emotion", 1.0, felt(2))
    audio: CallEvent = ("emotion", 2.0, felt(4, method="audio"))
    assert emotion_consent([]) == "none"
    assert emotion_consent([text]) == "text"
    assert emotion_consent([("emotion_notice", 0.5, {}), text, audio]) == "audio_announced"
    assert emotion_consent([("emotion_notice", 0.5, {})]) == "audio_announced"
    assert emotion_consent([text, audio]) == "none", "a voice judged without the announcement is covered by nothing"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("method", ["text", "audio"])
def test_every_mood_that_matters_has_words_in_every_language(language: str, method: str) -> None:
    for label in TROUBLED:
        point = EmotionPoint(0, label, -0.5, cast(object, method))  # type: ignore[arg-type]
        assert mood_that_matters([point]) is point
        assert mood_in_words(point, language) != mood_in_words(point, "en" if language == "es" else "es")
        assert mood_in_words(point, language, briefly=True)


def test_a_mood_that_has_passed_or_pleases_does_not_matter() -> None:
    assert mood_that_matters([]) is None
    for label in ("calm", "satisfied", "angry"):
        assert mood_that_matters([EmotionPoint(0, "frustrated", -0.5), EmotionPoint(1, label, 0.1)]) is None


LINES = ("agent: How can I help you?", "caller: where is my order", "agent: Which one?", "caller: I have told you three times")


def test_a_card_has_the_course_the_grounds_and_what_was_announced() -> None:
    events: list[CallEvent] = [
        ("emotion_notice", 100.1, {}),
        ("emotion", 103.0, felt(2)),
        ("emotion", 107.0, felt(4, "frustrated", 0.82, method="audio")),
        ("escalation_rule", 107.1, ruled("earlier", reason="other")),
        ("escalation_rule", 107.1, ruled()),
        ("escalation_rule", 107.2, ruled("watcher", shadow=True)),
    ]
    card = card_of(*LINES, events=events, reason="frustrated")
    assert [point.label for point in card.emotion] == ["calm", "frustrated"]
    assert (card.reason.detail, card.reason.triggered_by) == ("angry caller: frustrated 0.82 for 14 s (limit 0.7)", "rule:angry_caller")
    assert card.consent.emotion == "audio_announced"
    assert card_from_json(card_to_json(card), started=99.0) == card
    spanish = card_of(*LINES, events=events, reason="frustrated", language="es")
    assert spanish.reason.detail == "angry caller: frustración 0.82 durante 14 s (límite 0.7)"


def test_a_card_whose_reason_was_no_rule_names_none() -> None:
    events: list[CallEvent] = [("escalation_rule", 107.1, ruled()), ("escalation_rule", 107.2, ruled(reason="caller_request", shadow=True))]
    card = card_of(*LINES, "caller: a person please", events=events, reason="caller_request")
    assert (card.reason.detail, card.reason.triggered_by) == ("", "caller")
    adapted: list[CallEvent] = [("escalation_rule", 107.1, ruled(act="adapt", grounds=ANGRY))]
    assert card_of(*LINES, events=adapted, reason="frustrated").reason.triggered_by == "caller"


def test_what_a_source_says_itself_is_not_overwritten() -> None:
    card = card_of(
        *LINES,
        events=[("escalation_rule", 107.1, ruled()), ("emotion", 107.0, felt(4, "frustrated"))],
        reason="frustrated",
        reason_detail="asked on the page",
        triggered_by="supervisor",
        emotion=(EmotionPoint(1, "calm", 0.0),),
    )
    assert (card.reason.detail, card.reason.triggered_by, len(card.emotion)) == ("asked on the page", "supervisor", 1)
