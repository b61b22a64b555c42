from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.course import Course, StateKnobs, step
from agents.emotion.fusion import fuse, neutral
from agents.emotion.signs import STATES, BehaviourSigns, Feeling, Level, Reason, State, VoiceSigns, WordSigns
from tests.agents.emotion.feelings import deeds, share, voices, words

NOTHING = WordSigns()
NOBODY = BehaviourSigns()
ON = StateKnobs().on
LOUD = VoiceSigns(arousal=0.95, valence=0.0, anger=0.6, confidence=0.9, voiced_s=2)
CALM = VoiceSigns(arousal=0.4, valence=0.1, anger=0.05, confidence=0.9, voiced_s=2)
ANGRY = VoiceSigns(arousal=0.95, valence=-0.7, anger=0.97, confidence=0.9, voiced_s=2)
ANGRY_WORDS = WordSigns(valence=-0.7, arousal=0.8, states={"frustrated": 0.85}, confidence=0.85)
HAPPY_WORDS = WordSigns(valence=0.8, arousal=0.6, states={"satisfied": 0.85}, confidence=0.85)
PRESSING_WORDS = WordSigns(valence=-0.1, arousal=0.8, states={"urgent": 0.8}, confidence=0.8)
PLAIN_WORDS = WordSigns(confidence=0.4)


def level(found: Feeling, state: State) -> float:
    return found.states[state].level


def turned_on(found: Feeling) -> frozenset[State]:
    """What a single utterance of this brings on."""
    return step(Course(), found, 10.0)[1].on


def test_nothing_known_is_neutral() -> None:
    found = fuse(None, NOTHING, NOBODY)
    assert found == neutral()
    assert [found.states[state] for state in STATES] == [Level(0.0, 0.0)] * 4


def test_angry_words_in_a_calm_voice_are_frustrated_at_once() -> None:
    assert turned_on(fuse(CALM, ANGRY_WORDS, NOBODY)) == {"frustrated"}


def test_calm_words_in_a_loud_voice_bring_nothing_on_however_often() -> None:
    loud = fuse(LOUD, PLAIN_WORDS, NOBODY)
    course = Course()
    for turn in range(30):
        course, mood = step(course, loud, turn * 8.0)
        assert not mood.on
    assert loud.arousal > 0.75


def test_an_angry_voice_alone_lifts_arousal_and_frustration() -> None:
    found = fuse(ANGRY, NOTHING, NOBODY)
    assert found.arousal > 0.8
    assert found.valence < -0.3
    course, mood = step(Course(), found, 0.0)
    _, mood = step(course, found, 8.0)
    assert mood.on == {"frustrated"}
    assert level(fuse(replace(ANGRY, confidence=0.2), NOTHING, NOBODY), "frustrated") < 0.1


@pytest.mark.parametrize("anger", [0.5, 0.8, 0.95])
def test_loud_and_happy_is_satisfied_and_not_frustrated(anger: float) -> None:
    found = fuse(replace(LOUD, anger=anger, valence=0.3), HAPPY_WORDS, NOBODY)
    assert level(found, "satisfied") > ON
    assert level(found, "frustrated") < 0.3
    assert "frustrated" not in turned_on(found)


def test_bitter_thanks_are_less_satisfied() -> None:
    assert level(fuse(ANGRY, HAPPY_WORDS, NOBODY), "satisfied") < level(fuse(CALM, HAPPY_WORDS, NOBODY), "satisfied") - 0.1


def test_haste_needs_words_or_deeds() -> None:
    pressing = BehaviourSigns({"urgent": 0.5})
    assert level(fuse(LOUD, NOTHING, NOBODY), "urgent") == 0
    assert level(fuse(None, PRESSING_WORDS, NOBODY), "urgent") > ON
    assert level(fuse(LOUD, NOTHING, pressing), "urgent") > level(fuse(None, NOTHING, pressing), "urgent") + 0.1
    assert level(fuse(LOUD, PRESSING_WORDS, NOBODY), "urgent") > level(fuse(CALM, PRESSING_WORDS, NOBODY), "urgent")


def test_words_alone_are_near_their_own_level() -> None:
    for said in (0.5, 0.6, 0.7, 0.8, 0.9):
        found = fuse(None, WordSigns(-0.4, 0.6, {"frustrated": said}, said), NOBODY)
        assert said - 0.05 < level(found, "frustrated") < said + 0.1


def test_a_voice_of_no_confidence_has_no_part_in_it() -> None:
    deaf = replace(ANGRY, confidence=0.0)
    assert fuse(deaf, ANGRY_WORDS, NOBODY) == fuse(None, ANGRY_WORDS, NOBODY)
    assert fuse(deaf, ANGRY_WORDS, NOBODY).method == "text"
    assert fuse(ANGRY, ANGRY_WORDS, NOBODY).method == "audio"


def test_reasons_say_what_moved_the_level_and_how_far() -> None:
    voice = replace(CALM, reasons=(Reason("voice.pitch_median", 2.0, 0.0, -0.4),))
    said = replace(ANGRY_WORDS, reasons=(Reason("words.complaint", 0.8, None, 0.6), Reason("words.swearing", 0.5, None, 0.3)))
    done = BehaviourSigns(
        {"frustrated": 0.3, "confused": 0.3}, (Reason("behaviour.repeats", 2, None, 0.2), Reason("behaviour.silences", 1))
    )
    reasons = fuse(voice, said, done).reasons
    by_name = {reason.signal: reason.weight for reason in reasons}
    assert next(iter(by_name)) == "words.complaint"
    assert by_name["words.complaint"] == pytest.approx(2 * by_name["words.swearing"])
    assert by_name["behaviour.repeats"] > 0 > by_name["voice.pitch_median"]
    assert "behaviour.silences" not in by_name, "silence makes nobody frustrated"


def test_a_source_without_reasons_of_its_own_is_named() -> None:
    assert [reason.signal for reason in fuse(ANGRY, ANGRY_WORDS, NOBODY).reasons] == ["words.frustrated", "voice.anger"]


@given(voice=st.none() | voices, said=words, done=deeds)
def test_everything_stays_in_range_and_is_determined(voice: VoiceSigns | None, said: WordSigns, done: BehaviourSigns) -> None:
    found = fuse(voice, said, done)
    assert set(found.states) == set(STATES)
    assert all(0 <= each.level <= 1 and 0 <= each.confidence <= 1 for each in found.states.values())
    assert -1 <= found.valence <= 1
    assert 0 <= found.arousal <= 1
    assert found == fuse(voice, said, done)


@given(voice=st.none() | voices, said=words, done=deeds)
def test_reasons_come_in_order_of_what_they_moved(voice: VoiceSigns | None, said: WordSigns, done: BehaviourSigns) -> None:
    moved = [abs(reason.weight) for reason in fuse(voice, said, done).reasons]
    assert moved == sorted(moved, reverse=True)
    assert all(weight > 0 for weight in moved)


@given(voice=voices, said=words, done=deeds, more=share)
def test_more_anger_in_the_voice_never_lowers_frustration(voice: VoiceSigns, said: WordSigns, done: BehaviourSigns, more: float) -> None:
    calmer, angrier = (replace(voice, anger=anger) for anger in sorted((voice.anger, more)))
    assert level(fuse(calmer, said, done), "frustrated") <= level(fuse(angrier, said, done), "frustrated") + 1e-12


@given(voice=st.none() | voices, said=words, done=deeds, state=st.sampled_from(STATES), more=share)
def test_more_of_a_state_in_words_or_deeds_never_lowers_it(
    voice: VoiceSigns | None, said: WordSigns, done: BehaviourSigns, state: State, more: float
) -> None:
    less_said, more_said = (replace(said, states={**said.states, state: value}) for value in sorted((said.states.get(state, 0.0), more)))
    assert level(fuse(voice, less_said, done), state) <= level(fuse(voice, more_said, done), state) + 1e-12
    less_done, more_done = (replace(done, states={**done.states, state: value}) for value in sorted((done.states.get(state, 0.0), more)))
    assert level(fuse(voice, said, less_done), state) <= level(fuse(voice, said, more_done), state) + 1e-12


@given(voice=st.none() | voices, said=words, done=deeds, more=st.floats(-1, 1))
def test_pleasanter_words_never_raise_frustration(voice: VoiceSigns | None, said: WordSigns, done: BehaviourSigns, more: float) -> None:
    worse, better = (replace(said, valence=value) for value in sorted((said.valence, more)))
    assert level(fuse(voice, better, done), "frustrated") <= level(fuse(voice, worse, done), "frustrated") + 1e-12


@given(voice=voices, done=deeds, arousal=share)
def test_arousal_alone_never_makes_anybody_frustrated(voice: VoiceSigns, done: BehaviourSigns, arousal: float) -> None:
    calm, loud = (fuse(replace(voice, arousal=value), NOTHING, done) for value in (0.5, arousal))
    assert level(calm, "frustrated") == level(loud, "frustrated")


@pytest.mark.parametrize("state", STATES)
def test_words_count_less_the_worse_they_were_heard(state: State) -> None:
    said = WordSigns(states={state: 0.85}, confidence=0.85)
    levels = [level(fuse(CALM, said, NOBODY, clarity), state) for clarity in (0.0, 0.3, 0.6, 1.0)]
    assert levels == sorted(levels)
    assert levels[0] == 0
    assert fuse(None, said, NOBODY, 0.3).states[state].confidence < fuse(None, said, NOBODY).states[state].confidence


def test_a_curse_that_was_badly_heard_in_a_calm_voice_brings_nothing_on_and_the_reasons_say_why() -> None:
    assert turned_on(fuse(CALM, ANGRY_WORDS, NOBODY)) == {"frustrated"}
    found = fuse(CALM, ANGRY_WORDS, NOBODY, 0.4)
    assert not turned_on(found)
    (unclear,) = [reason for reason in found.reasons if reason.signal == "words.unclear"]
    assert (unclear.value, unclear.usual) == (0.4, 1.0)
    assert unclear.weight < -0.3


def test_an_angry_voice_stands_in_for_the_clearness_of_angry_words() -> None:
    assert turned_on(fuse(ANGRY, ANGRY_WORDS, NOBODY, 0.4)) == {"frustrated"}
    backed = fuse(replace(ANGRY, anger=0.75), ANGRY_WORDS, NOBODY, 0.4)
    unclear = {reason.signal: reason.weight for reason in backed.reasons}["words.unclear"]
    alone = {reason.signal: reason.weight for reason in fuse(CALM, ANGRY_WORDS, NOBODY, 0.4).reasons}["words.unclear"]
    assert abs(unclear) < abs(alone) / 2


def test_a_raised_voice_adds_to_words_of_frustration_and_less_to_badly_heard_ones() -> None:
    mild = WordSigns(states={"frustrated": 0.45}, confidence=0.6)
    usual, raised = replace(LOUD, arousal=0.5, anger=0.5), replace(LOUD, anger=0.5)
    added = [
        level(fuse(raised, mild, NOBODY, each), "frustrated") - level(fuse(usual, mild, NOBODY, each), "frustrated") for each in (1, 0.4)
    ]
    assert added[0] > 0.05
    assert 0 < added[1] < added[0]


def test_thanks_that_were_badly_heard_calm_nobody() -> None:
    thanks = WordSigns(valence=0.8, states={"satisfied": 0.8}, confidence=0.8)
    clear, unclear = (level(fuse(ANGRY, thanks, NOBODY, clarity), "frustrated") for clarity in (1.0, 0.0))
    assert clear < unclear == level(fuse(ANGRY, NOTHING, NOBODY), "frustrated")


@given(voice=st.none() | voices, said=words, done=deeds, clarity=share, more=share, anger=share)
def test_badly_heard_words_keep_what_holds_of_others(
    voice: VoiceSigns | None, said: WordSigns, done: BehaviourSigns, clarity: float, more: float, anger: float
) -> None:
    found = fuse(voice, said, done, clarity)
    assert all(0 <= each.level <= 1 and 0 <= each.confidence <= 1 for each in found.states.values())
    assert -1 <= found.valence <= 1
    assert 0 <= found.arousal <= 1
    assert all(reason.weight <= 0 for reason in found.reasons if reason.signal == "words.unclear")
    less, louder = (
        replace(said, states={**said.states, "frustrated": value}) for value in sorted((said.states.get("frustrated", 0.0), more))
    )
    assert level(fuse(voice, less, done, clarity), "frustrated") <= level(fuse(voice, louder, done, clarity), "frustrated") + 1e-12
    if voice is not None:
        calmer, angrier = (replace(voice, anger=value) for value in sorted((voice.anger, anger)))
        assert level(fuse(calmer, said, done, clarity), "frustrated") <= level(fuse(angrier, said, done, clarity), "frustrated") + 1e-12
