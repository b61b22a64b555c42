import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.emotion.course import Course, CourseKnobs, StateKnobs, calm, step
from agents.emotion.fusion import neutral
from agents.emotion.signs import STATES, Feeling, Level, Mood, State
from tests.agents.emotion.feelings import feeling, feelings

ON, OFF = StateKnobs().on, StateKnobs().off
gaps = st.floats(0, 120)


def course_of(*told: tuple[float, Feeling], knobs: CourseKnobs | None = None) -> list[Mood]:
    """The moods after utterances, each so many seconds after the one before."""
    course, at, moods = Course(), 0.0, []
    for gap, said in told:
        at += gap
        course, mood = step(course, said, at, knobs or CourseKnobs())
        moods.append(mood)
    return moods


def frustrated(*levels: float, gap: float = 10.0, confidence: float = 0.8) -> list[Mood]:
    return course_of(*((gap, feeling("frustrated", level, confidence)) for level in levels))


def test_a_clear_utterance_brings_it_on_at_once() -> None:
    (mood,) = frustrated(0.75)
    assert mood.on == {"frustrated"}
    assert mood.label == "frustrated"


def test_mild_ones_need_two() -> None:
    first, second = frustrated(0.5, 0.5)
    assert not first.on
    assert first.label == "calm"
    assert second.on == {"frustrated"}


def test_mild_ones_far_apart_bring_nothing_on() -> None:
    assert not any(mood.on for mood in frustrated(0.5, 0.5, 0.5, 0.5, gap=240))


def test_hints_below_the_ground_never_add_up() -> None:
    assert not any(mood.states["frustrated"].level for mood in frustrated(*[0.2] * 50, gap=1))


def test_one_calm_utterance_does_not_end_it_and_some_do() -> None:
    moods = frustrated(0.85, 0.0, 0.0, 0.0, 0.0)
    assert moods[1].on == {"frustrated"}
    assert not moods[-1].on


def test_silence_ends_it_with_time() -> None:
    held, over = (course_of((0, feeling("frustrated", 0.8)), (gap, neutral()))[-1] for gap in (30, 180))
    assert held.on == {"frustrated"}
    assert not over.on


def test_an_utterance_of_which_nothing_is_known_only_lets_time_pass() -> None:
    angry, unknown = course_of((0, feeling("frustrated", 0.8)), (0, neutral()))
    assert unknown.states["frustrated"] == angry.states["frustrated"]


def test_decay_has_the_half_life() -> None:
    angry, later = course_of((0, feeling("frustrated", 0.8)), (45, neutral()), knobs=CourseKnobs(half_life_s=45))
    assert later.states["frustrated"].level == pytest.approx(angry.states["frustrated"].level / 2)


def test_an_unsure_utterance_counts_less() -> None:
    (sure,), (unsure,) = frustrated(0.8), frustrated(0.8, confidence=0.2)
    assert unsure.states["frustrated"].level == pytest.approx(0.4 * sure.states["frustrated"].level)
    assert not unsure.on


def test_out_of_order_is_at_the_same_time() -> None:
    course, _ = step(Course(), feeling("frustrated", 0.8), 100.0)
    late, mood = step(course, neutral(), 90.0)
    assert late.at == 100.0
    assert mood.on == {"frustrated"}


def test_valence_and_arousal_follow_and_come_back() -> None:
    upset = Feeling(-0.8, 0.9, neutral().states, "audio")
    moods = course_of((0, upset), (8, upset), (300, neutral()))
    assert moods[1].valence < moods[0].valence < 0
    assert moods[1].arousal > moods[0].arousal > 0.5
    assert moods[2].valence == pytest.approx(0, abs=0.02)
    assert moods[2].arousal == pytest.approx(0.5, abs=0.02)


def test_each_state_has_its_own_levels() -> None:
    knobs = CourseKnobs(confused=StateKnobs(on=0.2, off=0.1))
    told = Feeling(0.0, 0.5, {state: Level(0.5, 1.0) for state in STATES}, "text")
    assert course_of((0, told), knobs=knobs)[0].on == {"confused"}


@pytest.mark.parametrize(
    ("tree", "named"),
    [
        ({"frustrated": {"on": 0.3, "off": 0.4}}, "off"),
        ({"frustrated": {"on": 0.3, "off": 0.3}}, "off"),
        ({"half_life_s": 1}, "half_life_s"),
        ({"sure_from": 0}, "sure_from"),
        ({"angry": {}}, "angry"),
    ],
)
def test_knobs_refuse_what_cannot_be(tree: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        CourseKnobs.model_validate(tree)


def test_every_knob_says_what_it_is() -> None:
    for model in (CourseKnobs, StateKnobs):
        for name, knob in model.model_fields.items():
            assert knob.description or name in STATES, name


@given(st.lists(st.tuples(gaps, feelings()), max_size=12))
def test_levels_stay_in_range_and_a_course_is_determined(told: list[tuple[float, Feeling]]) -> None:
    moods = course_of(*told)
    for mood in moods:
        assert all(0 <= level.level <= 1 and 0 <= level.confidence <= 1 for level in mood.states.values())
        assert -1 <= mood.valence <= 1
        assert 0 <= mood.arousal <= 1
        assert mood.label == "calm" or mood.label in mood.on
    assert moods == course_of(*told)


@given(st.lists(st.tuples(gaps, feelings()), min_size=1, max_size=12))
def test_hysteresis(told: list[tuple[float, Feeling]]) -> None:
    """A state comes on only at its upper level, goes off only below its lower one, and else stays as it was."""
    for before, after in itertools.pairwise([calm(), *course_of(*told)]):
        for state in STATES:
            level = after.states[state].level
            was, holds = state in before.on, state in after.on
            assert holds == (level >= ON or (was and level >= OFF))


@given(st.lists(feelings(OFF, ON, least_confidence=0.5), min_size=2, max_size=40), st.floats(1, 8))
def test_nothing_flaps_for_utterances_between_the_levels(said: list[Feeling], gap: float) -> None:
    moods = course_of(*((gap, each) for each in said))
    for state in STATES:
        held = [state in mood.on for mood in moods]
        assert held == sorted(held), "once it has come on it stays"


@given(feelings(), st.floats(1, 120))
def test_the_same_again_and_again_changes_a_state_once_at_most(said: Feeling, gap: float) -> None:
    moods = course_of(*[(gap, said)] * 40)
    for state in STATES:
        held = [state in mood.on for mood in moods]
        assert sum(first != second for first, second in itertools.pairwise(held)) <= 1


@given(st.lists(st.tuples(gaps, feelings()), min_size=1, max_size=8), st.data())
def test_more_of_a_state_in_any_utterance_never_lowers_its_course(told: list[tuple[float, Feeling]], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(told) - 1))
    state: State = data.draw(st.sampled_from(STATES))
    gap, said = told[index]
    before = said.states[state]
    more = Level(data.draw(st.floats(before.level, 1)), before.confidence)
    raised = Feeling(said.valence, said.arousal, {**said.states, state: more}, said.method)
    usual, angrier = course_of(*told), course_of(*told[:index], (gap, raised), *told[index + 1 :])
    for one, other in zip(usual, angrier, strict=True):
        assert one.states[state].level <= other.states[state].level + 1e-12
        assert state not in one.on or state in other.on
