from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.behaviour import AS_ASKED, BEFALLEN_MOST, FADE_S, MOST, POWER, WINDOW_S, Behaviour, happened, heard, signs, speaks_for
from agents.emotion.course import Course, step
from agents.emotion.fusion import fuse
from agents.emotion.signs import STATES, Reason, WordSigns

KINDS = ["no_input", "transcription_failed", "no_match", "setback", "tool", "noise", "echo", "backchannel", "end_of_turn"]
events = st.tuples(st.sampled_from(KINDS), st.floats(0, 300), st.fixed_dictionaries({"ok": st.booleans(), "ms": st.integers(0, 20_000)}))


def after(*happenings: tuple[str, float, Mapping[str, object]]) -> Behaviour:
    behaviour = Behaviour()
    for kind, at, data in happenings:
        behaviour = happened(behaviour, kind, at, data)
    return behaviour


def said(*turns: str, interrupting: bool = False, gap: float = 8.0) -> Behaviour:
    behaviour = Behaviour()
    for number, text in enumerate(turns):
        behaviour = heard(behaviour, text, "en", number * gap, interrupting=interrupting)
    return behaviour


def reasons(behaviour: Behaviour, now: float) -> dict[str, float]:
    return {reason.signal: reason.value for reason in signs(behaviour, now).reasons}


def test_nothing_done_says_nothing() -> None:
    found = signs(Behaviour(), 0.0)
    assert not found.states
    assert not found.reasons


def test_each_kind_of_event_is_counted() -> None:
    behaviour = after(
        ("no_input", 1, {}),
        ("no_input", 2, {}),
        ("transcription_failed", 3, {"in_a_row": 1}),
        ("no_match", 4, {"in_a_row": 2}),
        ("setback", 5, {"in_a_row": 1}),
        ("tool", 6, {"name": "find_order", "ok": False, "ms": 7000, "error": "timeout"}),
    )
    assert reasons(behaviour, 7) == {
        "behaviour.silences": 2,
        "behaviour.misses": 2,
        "behaviour.setbacks": 1,
        "behaviour.tool_errors": 1,
        "behaviour.waited_s": 5,
    }


def test_events_that_say_nothing_of_the_caller_change_nothing() -> None:
    assert after(("noise", 1, {"ms": 300}), ("echo", 2, {}), ("tool", 3, {"name": "x", "ok": True, "ms": 400})) == Behaviour()


def test_silence_and_misses_are_confusion_more_than_frustration() -> None:
    found = signs(after(("no_input", 1, {}), ("no_match", 9, {}), ("no_match", 18, {})), 20).states
    assert found["confused"] > 0.4
    assert found["frustrated"] < 0.2


def test_one_interruption_is_nothing_and_three_are_something() -> None:
    assert "frustrated" not in signs(said("stop talking, a billing problem", interrupting=True), 0).states
    thrice = said("a billing problem", "the wrong invoice", "somebody in accounts", interrupting=True, gap=4)
    assert signs(thrice, 8).states["frustrated"] > 0.15
    assert signs(thrice, 8).states["urgent"] > 0.15


@pytest.mark.parametrize("text", ["Mhm.", "yes", "Okay, right.", "four seven one one", "4711", ""])
def test_early_answers_and_backchannels_interrupt_nobody(text: str) -> None:
    assert said(*[text] * 5, interrupting=True) == Behaviour()


def test_asking_again_counts_each_time() -> None:
    turns = ["I want the status of my order", "the order status", "my order status please", "order status"]
    assert reasons(said(*turns), 25)["behaviour.repeats"] == 3
    levels = [signs(said(*turns[:count]), 8.0 * count).states.get("frustrated", 0.0) for count in range(1, 5)]
    assert levels[0] == 0
    assert levels == sorted(levels)
    assert levels[-1] > 0.5


def test_a_repetition_with_other_turns_between_is_found_and_an_ancient_one_is_not() -> None:
    between = ["the blue one", "a present", "my sister", "her garden"]
    assert "behaviour.repeats" in reasons(said("where is my parcel", *between, "where is my parcel"), 40)
    many = [*between, "some roses", "a fountain", "big stones"]
    assert "behaviour.repeats" not in reasons(said("where is my parcel", *many, "where is my parcel"), 70)


def test_deeds_fade_and_are_forgotten() -> None:
    behaviour = after(("no_match", 0, {}))
    now, later, over = (signs(behaviour, at).states.get("confused", 0.0) for at in (0, FADE_S, WINDOW_S))
    assert 0 < later < now
    assert later == pytest.approx(1 - (1 - now) ** 0.5)
    assert over == 0


def test_what_befalls_callers_makes_nobody_frustrated_alone() -> None:
    """A noisy line: nothing is understood, tools fail, and the words are calm."""
    course, behaviour = Course(), Behaviour()
    for turn in range(40):
        at = turn * 6.0
        for kind in ("no_match", "setback", "transcription_failed"):
            behaviour = happened(behaviour, kind, at, {})
        behaviour = happened(behaviour, "tool", at, {"ok": False, "ms": 9000})
        found = signs(behaviour, at)
        assert found.states["frustrated"] <= BEFALLEN_MOST + 1e-12
        course, mood = step(course, fuse(None, WordSigns(), found), at)
        assert "frustrated" not in mood.on


def test_a_caller_who_says_the_same_five_times_is_frustrated_whatever_the_words() -> None:
    course, behaviour, on = Course(), Behaviour(), []
    for turn in range(6):
        behaviour = heard(behaviour, "I want the status of my order", "en", turn * 8.0, interrupting=turn > 1)
        behaviour = happened(behaviour, "no_match", turn * 8.0, {})
        course, mood = step(course, fuse(None, WordSigns(), signs(behaviour, turn * 8.0)), turn * 8.0)
        on.append("frustrated" in mood.on)
    assert on == sorted(on)
    assert not on[1]
    assert on[4]


def again(between: tuple[str, ...] = (), text: str = "where is my parcel", clarity: float = 1.0) -> dict[str, float]:
    """Of a caller who says the same a second time, after what happened in between."""
    behaviour = said("where is my parcel")
    for kind in between:
        behaviour = happened(behaviour, kind, 2.0, {})
    return reasons(heard(behaviour, text, "en", 8.0, interrupting=False, clarity=clarity), 8.0)


@pytest.mark.parametrize("kind", ["no_match", "transcription_failed"])
def test_a_repetition_that_we_have_asked_for_counts_half(kind: str) -> None:
    assert again()["behaviour.repeats"] == 1
    assert 0 < again((kind,))["behaviour.repeats"] == AS_ASKED < 1
    assert again((kind,), "I said where is my parcel")["behaviour.repeats"] == 1, "that is said of their own accord"
    assert again(("no_input", "setback"))["behaviour.repeats"] == 1


def test_only_the_turn_after_a_miss_was_asked_for() -> None:
    behaviour = happened(said("where is my parcel"), "no_match", 2.0, {})
    for at, text in ((8.0, "yes"), (16.0, "where is my parcel")):
        behaviour = heard(behaviour, text, "en", at, interrupting=False)
    assert reasons(behaviour, 16.0)["behaviour.repeats"] == 1


def test_what_is_read_out_of_badly_heard_words_counts_its_share() -> None:
    assert (again()["behaviour.repeats"], again(clarity=0.4)["behaviour.repeats"]) == (1, 0.4)
    behaviour = Behaviour()
    for at, text in enumerate(("a billing problem", "the wrong invoice", "somebody in accounts")):
        behaviour = heard(behaviour, text, "en", float(at), interrupting=True, clarity=0.5)
    assert reasons(behaviour, 2.0)["behaviour.interruptions"] == 1.5


def test_reasons_speak_for_the_states_they_have_power_over() -> None:
    assert speaks_for(Reason("behaviour.repeats", 2), "frustrated")
    assert not speaks_for(Reason("behaviour.silences", 2), "frustrated")
    assert not speaks_for(Reason("words.complaint", 2), "frustrated")


def test_no_words_are_kept_where_they_could_be_shown() -> None:
    behaviour = said("where is my parcel", "my parcel please")
    assert "parcel" not in repr(behaviour)


@given(st.lists(events, max_size=30), st.floats(0, 400))
def test_levels_stay_below_their_most_and_reasons_in_order(told: list[tuple[str, float, Mapping[str, object]]], now: float) -> None:
    found = signs(after(*told), now)
    assert all(0 < level <= MOST[state] for state, level in found.states.items())
    weights = [reason.weight for reason in found.reasons]
    assert weights == sorted(weights, reverse=True)
    assert all(any(speaks_for(reason, state) for state in STATES) for reason in found.reasons)


@given(st.lists(events, max_size=15), events)
def test_one_more_deed_never_lowers_a_state(
    told: list[tuple[str, float, Mapping[str, object]]], more: tuple[str, float, Mapping[str, object]]
) -> None:
    in_order = sorted(told, key=lambda one: one[1])
    now = max([more[1], *(at for _, at, _ in in_order)])
    less = signs(after(*in_order), now).states
    with_more = signs(after(*in_order, (more[0], now, more[2])), now).states
    assert all(with_more.get(state, 0.0) >= level - 1e-12 for state, level in less.items())


def test_every_deed_has_a_power_that_is_a_share() -> None:
    assert all(0 < power < 1 for powers in POWER.values() for power in powers.values())
