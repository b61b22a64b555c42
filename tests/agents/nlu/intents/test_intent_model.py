"""An agent's intents from a few examples: what is understood, what is none of them, and how sure the model is."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.nlu.intents import Guess, IntentModel
from agents.nlu.intents.language import LanguageError
from tests.agents.nlu.intents.shop import EXAMPLES, SAID

MODEL = IntentModel.train(EXAMPLES)
OUTSIDE = (
    "who won the football yesterday",
    "what is the capital of norway",
    "my aunt has three parrots",
    "how do I bake bread",
    "tell me about the roman empire",
    "which bus goes to the harbour",
    "is it going to rain at the weekend",
    "my knee hurts when I climb stairs",
    "what is seven times eight",
    "do you like football",
    "read me the first page of a novel",
    "how far is it to the coast",
    "I was born in a small village",
    "sing me something by the beatles",
    "what is the best way to clean suede shoes",
    "pretend that you are a wizard",
)


@pytest.mark.parametrize(("text", "intent"), SAID)
def test_other_words_for_a_known_intent(text: str, intent: str) -> None:
    guess = MODEL.best(text)
    assert guess is not None
    assert guess.name == intent


def test_most_of_what_is_about_something_else_is_none() -> None:
    taken_up = [text for text in OUTSIDE if MODEL.best(text)]
    assert len(taken_up) <= len(OUTSIDE) // 4, taken_up


@pytest.mark.parametrize("text", ["", "   ", "…", "um, uh", "12345", "привет"])
def test_what_holds_no_known_word_is_none(text: str) -> None:
    assert MODEL.best(text) is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("um where is uh my order", "order_status"),
        ("wear is my order", "order_status"),
        ("where my order", "order_status"),
        ("i want a re fund", "refund"),
        ("My thermo stat does not work.", "broken_device"),
        ("what are you opening ours", "opening_hours"),
    ],
)
def test_hesitation_and_the_recognisers_errors_are_forgiven(text: str, intent: str) -> None:
    guess = MODEL.best(text)
    assert guess is not None
    assert guess.name == intent


@given(st.text(max_size=200))
def test_any_text_gets_ordered_probabilities(text: str) -> None:
    ranked = MODEL.rank(text)
    assert {guess.name for guess in ranked} == set(EXAMPLES)
    assert all(left.confidence >= right.confidence for left, right in pairwise(ranked))
    assert all(0 <= guess.confidence <= 1 for guess in ranked)
    assert sum(guess.confidence for guess in ranked) <= 1 + 1e-5


def test_only_what_is_asked_for_comes_back_when_intents_are_named() -> None:
    ranked = MODEL.rank("where is my order", among=["refund", "opening_hours"])
    assert {guess.name for guess in ranked} == {"refund", "opening_hours"}
    assert MODEL.best("where is my order", among={"refund", "opening_hours"}) is None
    assert MODEL.rank("where is my order", among=[]) == []
    assert MODEL.best("where is my order", among=[]) is None


def test_an_expected_intent_becomes_more_probable() -> None:
    text = "I would like to know about my purchase"
    alone = {guess.name: guess.confidence for guess in MODEL.rank(text)}
    (expected,) = MODEL.rank(text, among=["refund"])
    assert expected.confidence > alone["refund"]


def test_the_same_examples_give_the_same_model() -> None:
    again = IntentModel.train(EXAMPLES)
    for text, _ in SAID:
        assert again.rank(text) == MODEL.rank(text)
    assert again.least_confidence == MODEL.least_confidence


def test_many_threads_may_ask_at_once() -> None:
    texts = [text for text, _ in SAID] * 20
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(MODEL.rank, texts)) == [MODEL.rank(text) for text in texts]


def test_background_that_comes_close_to_an_example_is_left_out() -> None:
    hostile = ["where is my order", "where is my order please"]
    guess = IntentModel.train(EXAMPLES, background=hostile).best("where is my order")
    assert guess is not None
    assert guess.name == "order_status"


def test_background_of_ones_own_teaches_what_is_outside() -> None:
    bread = ["do you sell bread", "I would like two loaves of bread", "is the bread fresh"]
    without = IntentModel.train(EXAMPLES, background=())
    with_bread = IntentModel.train(EXAMPLES, background=bread)
    asked = "I would like to know if you sell fresh bread"
    assert with_bread.rank(asked)[0].confidence < without.rank(asked)[0].confidence
    assert with_bread.best("is your bread fresh") is None


def test_one_intent_with_one_example_is_enough_to_tell_it_from_the_rest() -> None:
    model = IntentModel.train({"refund": ["I want my money back"]})
    guess = model.best("I want my money back please")
    assert guess is not None
    assert guess.name == "refund"
    assert model.best("who won the football yesterday") is None


def test_without_any_background_silence_is_still_none() -> None:
    model = IntentModel.train({"refund": ["I want my money back"], "hours": ["when are you open"]}, background=())
    assert model.best("") is None
    assert model.best("when are you open") is not None


def test_an_example_given_twice_counts_once() -> None:
    doubled = IntentModel.train({name: [*texts, *texts] for name, texts in EXAMPLES.items()})
    assert doubled.rank("where is my parcel") == MODEL.rank("where is my parcel")


def test_the_order_of_names_is_the_agents() -> None:
    assert MODEL.names == tuple(EXAMPLES)


def test_a_guess_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Guess("refund", 0.5).confidence = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("examples", "told"),
    [
        ({}, "no intent to learn"),
        ({"refund": []}, "'refund' has no example"),
        ({"a": ["hello there"], "b": ["um", "?"]}, "'b' has no example"),
    ],
)
def test_what_cannot_be_learnt_is_named(examples: dict[str, list[str]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        IntentModel.train(examples)


def test_an_unknown_language_is_named_with_the_known_ones() -> None:
    with pytest.raises(LanguageError, match="use one of: en"):
        IntentModel.train(EXAMPLES, language="xx")
