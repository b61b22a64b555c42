import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.course import Course, step
from agents.emotion.event import MOST_REASONS, emotion_event, mood_from_event
from agents.emotion.fusion import fuse
from agents.emotion.signs import STATES, BehaviourSigns, Feeling, Mood, Reason, VoiceSigns, WordSigns
from tests.agents.emotion.feelings import deeds, feelings, voices, words

FIELDS = {
    "turn", "label", "level", "valence", "arousal", "states", "confidence", "on", "said", "said_valence", "said_arousal", "method",
    "start_ms", "end_ms", "reasons",
}  # fmt: skip


def data_of(said: Feeling, mood: Mood) -> dict[str, object]:
    """As it comes back from a database."""
    back = json.loads(json.dumps(emotion_event(7, said, mood, 12_000, 14_500)))
    assert isinstance(back, dict)
    return back


def angry() -> tuple[Feeling, Mood]:
    said = fuse(None, WordSigns(-0.7, 0.8, {"frustrated": 0.9}, 0.9), BehaviourSigns())
    return said, step(Course(), said, 0.0)[1]


def test_fields_are_those_of_the_records() -> None:
    said, mood = angry()
    data = data_of(said, mood)
    assert set(data) == FIELDS
    assert (data["turn"], data["label"], data["method"], data["start_ms"], data["end_ms"]) == (7, "frustrated", "text", 12_000, 14_500)
    assert data["on"] == ["frustrated"]
    assert data["level"] == round(mood.states["frustrated"].level, 3)
    for name in ("states", "confidence", "said"):
        tree = data[name]
        assert isinstance(tree, dict)
        assert tuple(tree) == STATES


def test_calm_has_no_level() -> None:
    data = data_of(fuse(None, WordSigns(), BehaviourSigns()), Course().mood)
    assert (data["label"], data["level"], data["on"], data["reasons"]) == ("calm", 0.0, [], [])


def test_no_more_reasons_than_can_be_read() -> None:
    said, mood = angry()
    many = replace(said, reasons=tuple(Reason(f"words.{number}", 0.123456, 0.1, 0.5) for number in range(20)))
    reasons = data_of(many, mood)["reasons"]
    assert reasons == [{"signal": f"words.{number}", "value": 0.123, "usual": 0.1, "weight": 0.5} for number in range(MOST_REASONS)]


def test_each_source_is_among_the_reasons() -> None:
    said, mood = angry()
    voice = tuple(Reason(f"voice.{number}", 1.0, None, 0.9 - number / 100) for number in range(9))
    told = replace(said, reasons=(*voice, Reason("words.complaint", 1.0, None, 0.2), Reason("behaviour.repeats", 2.0, None, 0.1)))
    reasons = data_of(told, mood)["reasons"]
    assert isinstance(reasons, list)
    names = [reason["signal"] for reason in reasons]
    assert names == ["voice.0", "voice.1", "voice.2", "voice.3", "words.complaint", "behaviour.repeats"]


@given(st.lists(feelings(), min_size=1, max_size=6))
def test_the_mood_comes_back(told: list[Feeling]) -> None:
    course = Course()
    for turn, said in enumerate(told):
        course, mood = step(course, said, turn * 8.0)
        back = mood_from_event(data_of(said, mood))
        assert back.valence == pytest.approx(mood.valence, abs=1e-3)
        assert back.arousal == pytest.approx(mood.arousal, abs=1e-3)
        assert back.on == mood.on
        for state in STATES:
            assert back.states[state].level == pytest.approx(mood.states[state].level, abs=1e-3)
            assert back.states[state].confidence == pytest.approx(mood.states[state].confidence, abs=1e-3)
        again = data_of(said, back)
        assert mood_from_event(again) == back, "what was stored once stays as it is"


@given(voice=st.none() | voices, said=words, done=deeds)
def test_any_feeling_can_be_stored(voice: VoiceSigns | None, said: WordSigns, done: BehaviourSigns) -> None:
    found = fuse(voice, said, done)
    data = data_of(found, step(Course(), found, 0.0)[1])
    assert data["method"] == found.method


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("on", "frustrated"),
        ("on", ["furious"]),
        ("on", None),
        ("valence", 1.5),
        ("arousal", None),
        ("arousal", True),
        ("states", 0.5),
        ("confidence", {"frustrated": 0.5}),
    ],
)
def test_broken_data_names_the_field(field: str, value: object) -> None:
    data = {**data_of(*angry()), field: value}
    name = "confused" if field == "confidence" else field
    with pytest.raises(ValueError, match=f"emotion event: '{name}'"):
        mood_from_event(data)
