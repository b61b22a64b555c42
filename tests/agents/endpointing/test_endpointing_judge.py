"""The judge as the conversation uses it, with the weights that ship."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.audio import Pcm, silence
from agents.endpointing.completeness import completeness
from agents.endpointing.evidence import Evidence, Grasp
from agents.endpointing.judge import EndOfTurnJudge
from agents.endpointing.language import LanguageError, language
from agents.endpointing.model import Model, ModelError, features, model
from agents.endpointing.trees import Tree
from agents.endpointing.words import features as words_features
from agents.turns.events import Expected
from agents.turns.knobs import EndpointingKnobs, EndpointingRule
from tests.agents.endpointing.voice_tones import voice

KNOBS = EndpointingKnobs(min_delay_s=0.2, max_delay_s=0.76, unfinished_delay_s=1.6, numbers_extra_s=0.4)
FALLING = np.concatenate([voice([130, 140, 120, 125, 110, 85], fade=True), silence(0.12)])
LEVEL = np.concatenate([voice([130, 140, 120, 125, 130, 135]), silence(0.12)])


def said(
    text: str,
    pcm: Pcm = FALLING,
    *,
    grasp: Grasp = Grasp.UNKNOWN,
    expected: Expected = Expected.OPEN,
    asked: str = "How can I help you?",
) -> Evidence:
    return Evidence(text, pcm, len(pcm) / 16_000, grasp, expected, asked)


@pytest.mark.parametrize("text", ["Yes.", "no", "Yeah.", "No, thank you.", "That's right."])
@pytest.mark.parametrize("pcm", [FALLING, LEVEL, silence(0.3)])
def test_a_yes_or_no_that_was_asked_for_gets_the_least_wait(text: str, pcm: Pcm) -> None:
    verdict = EndOfTurnJudge().wait_s(said(text, pcm, expected=Expected.YES_NO), KNOBS)
    assert verdict.wait_s == pytest.approx(KNOBS.min_delay_s)


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("Where is my order?", "Where is my"),
        ("I would like to change my delivery address.", "I would like to"),
        ("I need to talk to somebody about my invoice.", "I need to talk to"),
        ("My name is Peter Walker.", "My name is"),
        ("Can I pay by credit card?", "Can I pay by"),
        ("It was broken when I opened the box.", "It was broken when"),
    ],
)
def test_what_breaks_off_waits_much_longer_than_what_is_whole(whole: str, part: str) -> None:
    judge = EndOfTurnJudge()
    finished, broken = judge.wait_s(said(whole), KNOBS), judge.wait_s(said(part, LEVEL), KNOBS)
    assert finished.p_finished > 2 * broken.p_finished
    assert finished.wait_s <= KNOBS.max_delay_s <= broken.wait_s
    assert finished.wait_s < broken.wait_s


def test_a_falling_voice_is_more_finished_than_a_level_one() -> None:
    judge = EndOfTurnJudge()
    text = "I ordered a coat last week."
    assert judge.wait_s(said(text), KNOBS).p_finished > judge.wait_s(said(text, LEVEL), KNOBS).p_finished


def test_half_a_number_waits_longest() -> None:
    judge = EndOfTurnJudge()
    half = judge.wait_s(said("four five", expected=Expected.DIGITS, grasp=Grasp.PARTIAL), KNOBS)
    assert half.wait_s >= KNOBS.max_delay_s + KNOBS.numbers_extra_s - 1e-9


@pytest.mark.parametrize("pcm", [FALLING, LEVEL])
@pytest.mark.parametrize("text", ["Four five six seven eight.", "7", "It's 45678"])
def test_a_number_that_cannot_grow_gets_the_least_wait(text: str, pcm: Pcm) -> None:
    verdict = EndOfTurnJudge().wait_s(said(text, pcm, expected=Expected.DIGITS, grasp=Grasp.COMPLETE), KNOBS)
    assert verdict.wait_s == pytest.approx(KNOBS.min_delay_s)


@pytest.mark.parametrize("text", ["The number I have is one zero.", "Four.", "It's 45678", "my number is 23"])
def test_a_number_that_may_go_on_is_waited_for(text: str) -> None:
    for expected in (Expected.OPEN, Expected.DIGITS):
        assert EndOfTurnJudge().wait_s(said(text, expected=expected), KNOBS).wait_s >= KNOBS.max_delay_s - 1e-9


@pytest.mark.parametrize("text", ["I would like to know the", "Where is my", "I want to"])
@pytest.mark.parametrize("expected", [Expected.YES_NO, Expected.DIGITS])
def test_words_of_another_kind_than_asked_for_are_no_nearer_their_end(text: str, expected: Expected) -> None:
    judge = EndOfTurnJudge()
    for grasp in (Grasp.UNKNOWN, Grasp.COMPLETE):
        asked = judge.wait_s(said(text, LEVEL, expected=expected, grasp=grasp), KNOBS)
        assert asked == judge.wait_s(said(text, LEVEL, grasp=grasp), KNOBS)
        assert asked.wait_s >= KNOBS.max_delay_s


@pytest.mark.parametrize("text", ["Yes.", "no", "Yeah."])
@pytest.mark.parametrize("pcm", [FALLING, LEVEL, silence(0.3)])
def test_a_short_answer_to_an_open_question_is_not_held_back_for_being_short(text: str, pcm: Pcm) -> None:
    assert EndOfTurnJudge().wait_s(said(text, pcm), KNOBS).wait_s <= KNOBS.max_delay_s + 1e-9


@pytest.mark.parametrize("expected", [Expected.YES_NO, Expected.DIGITS])
@pytest.mark.parametrize("text", ["Jap.", "And no,", "For."])
def test_a_short_answer_that_was_misheard_is_not_held_back(text: str, expected: Expected) -> None:
    for pcm in (FALLING, LEVEL):
        assert EndOfTurnJudge().wait_s(said(text, pcm, expected=expected), KNOBS).wait_s <= KNOBS.max_delay_s + 1e-9
    assert EndOfTurnJudge().wait_s(said("Um,", LEVEL, expected=expected), KNOBS).wait_s > KNOBS.max_delay_s


@pytest.mark.parametrize("expected", list(Expected))
def test_a_sound_without_words_is_over_soon(expected: Expected) -> None:
    assert EndOfTurnJudge().wait_s(said("", LEVEL, expected=expected), KNOBS).wait_s <= KNOBS.max_delay_s + 1e-9


def test_an_address_is_never_believed_to_be_over_at_once() -> None:
    judge = EndOfTurnJudge()
    asked, other = said("It is fourteen Church Lane.", asked="What is your address?"), said("It is fourteen Church Lane.")
    assert judge.wait_s(asked, KNOBS).wait_s >= KNOBS.max_delay_s > judge.wait_s(other, KNOBS).wait_s


def test_what_is_grasped_is_not_believed_blindly() -> None:
    verdict = EndOfTurnJudge().wait_s(said("The status of my order and", LEVEL, grasp=Grasp.COMPLETE), KNOBS)
    assert verdict.wait_s >= KNOBS.max_delay_s


def test_a_rule_of_the_knobs_replaces_the_delays() -> None:
    knobs = KNOBS.model_copy(update={"rules": (EndpointingRule(after="spell", min_delay_s=1.5, max_delay_s=2.5),)})
    evidence = said("Yes.", expected=Expected.YES_NO, asked="Please spell your name.")
    assert EndOfTurnJudge().wait_s(evidence, knobs).wait_s == pytest.approx(1.5)


def test_a_caller_with_long_pauses_is_waited_for() -> None:
    judge, evidence = EndOfTurnJudge(), said("I want to know whether", LEVEL)
    before = judge.wait_s(evidence, KNOBS).wait_s
    for _ in range(3):
        judge.went_on(1.3)
    after = judge.wait_s(evidence, KNOBS).wait_s
    assert after > before + 0.3
    assert judge.wait_s(evidence, KNOBS.model_copy(update={"learn_pauses": False})).wait_s == pytest.approx(before)
    for _ in range(40):
        judge.ended()
    assert judge.wait_s(evidence, KNOBS).wait_s == pytest.approx(before, abs=0.01)


def test_two_calls_share_no_habits() -> None:
    slow = EndOfTurnJudge()
    slow.went_on(2.0)
    evidence = said("I want to know whether", LEVEL)
    assert EndOfTurnJudge().wait_s(evidence, KNOBS).wait_s < slow.wait_s(evidence, KNOBS).wait_s


@settings(max_examples=40)
@given(st.text(max_size=60), st.sampled_from(Grasp), st.sampled_from(Expected), st.sampled_from([FALLING, LEVEL, silence(0), silence(1)]))
def test_any_evidence_gets_a_wait_within_the_knobs(text: str, grasp: Grasp, expected: Expected, pcm: Pcm) -> None:
    verdict = EndOfTurnJudge().wait_s(said(text, pcm, grasp=grasp, expected=expected), KNOBS)
    assert 0 <= verdict.p_finished <= 1
    assert KNOBS.min_delay_s - 1e-9 <= verdict.wait_s <= KNOBS.unfinished_delay_s + KNOBS.numbers_extra_s + 1e-9


def test_every_weight_belongs_to_a_feature_that_can_occur() -> None:
    """A renamed feature whose weight stays behind would be lost in silence."""
    english = language("en")
    texts = (
        "um I ordered the two very new at a doctor called and the when I'll 4 5 6, please-",
        "Yes.", "7", "", "If my order", "The machine.", "What is it about?", "I would like to", "M", "well...", "tell me",
    )  # fmt: skip
    words = [min(members) for members in english.classes.values()]
    seen: set[str] = set()
    for expected in Expected:
        for text in (*texts, *words, *(f"{word} banana," for word in words)):
            seen |= words_features(text, expected, english).keys()
        for pcm in (FALLING, LEVEL, silence(1), np.random.default_rng(1).normal(0, 3000, 16_000).astype(np.int16)):
            for text in ("Can you track it for me?", "Where is my"):
                seen |= features(said(text, pcm, grasp=Grasp.COMPLETE, expected=expected), english, completeness("en")).keys()
    assert model("en").names <= seen


def test_odds_stay_within_reason() -> None:
    tree = Tree([("a", 0.5, -1, -2)], [-1e6, 1e6])
    assert Model(0.0, (tree,)).probability({"a": 1.0}) < 1
    assert Model(0.0, (tree,)).probability({}) > 0
    assert Model(0.0, ()).probability({"a": 5.0}) == 0.5


def test_a_language_without_data_is_refused() -> None:
    with pytest.raises(LanguageError):
        EndOfTurnJudge("xx")
    with pytest.raises(ModelError, match=r"endpointing\.fit"):
        model("xx")
