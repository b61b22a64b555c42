import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.requests import asked_before, likeness, request_of, same


def again(*turns: str, language: str = "en") -> bool:
    """Whether the last of ``turns`` asks for what one before it asked for."""
    *before, now = (request_of(turn, language) for turn in turns)
    return asked_before(before, now)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I'd like to check the status of my order.", "The status of my order, please!"),
        ("Where is my parcel?", "Um, so where is my parcel now?"),
        ("I want to cancel my internet contract", "cancel the contract for the internet"),
        ("Can you reset my password?", "Password reset. Can you just do a password reset?"),
        ("Representative.", "Representative!"),
        ("my invoices are wrong", "the invoice is wrong"),
        ("I need a refund for the headphones", "a refund for the head phones, the headphones"),
    ],
)
def test_the_same_in_other_words(first: str, second: str) -> None:
    assert again(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Yes.", "Yes."),
        ("Yes, that's right.", "Okay, that's right."),
        ("four seven one one", "four seven one one"),
        ("It's 4711.", "It's 4711."),
        ("I'd like to check the status of my order.", "I'd like to cancel my order."),
        ("Where is my order?", "Can I change the address of my order?"),
        ("I want a new appointment", "Tuesday morning would be great"),
        ("What are your opening hours?", "And do you repair bicycles?"),
        ("", ""),
    ],
)
def test_something_else(first: str, second: str) -> None:
    assert not again(first, second)


@pytest.mark.parametrize(
    "turn", ["I already told you.", "Like I said, the big one!", "For the third time, it's broken.", "I've told you twice"]
)
def test_callers_who_say_that_they_say_it_again(turn: str) -> None:
    assert again(turn)


def test_the_turn_before_last_counts_too() -> None:
    assert again("I want to know where my parcel is", "yes", "no, the shop", "so where is my parcel")


def test_spanish() -> None:
    assert again("Quiero cancelar el contrato de internet", "cancelar mi contrato de internet, por favor", language="es")
    assert again("Ya le he dicho que no funciona", language="es-ES")
    assert not again("Sí, eso es", "Sí, eso es", language="es")


def test_a_language_without_lists_goes_by_the_longer_words() -> None:
    assert again("Ich möchte meinen Vertrag kündigen", "meinen Vertrag kündigen, bitte", language="de")
    assert not again("ja", "ja", language="de")


def test_words_are_not_shown() -> None:
    assert "parcel" not in repr(request_of("where is my parcel"))


words = st.frozensets(st.sampled_from(["order", "status", "parcel", "refund", "contract", "invoice", "invoyce"]), max_size=5)


@given(words, words)
def test_likeness_is_a_share_and_the_same_both_ways(first: frozenset[str], second: frozenset[str]) -> None:
    assert 0 <= likeness(first, second) <= 1
    assert likeness(first, first) == (1.0 if first else 0.0)
    assert likeness(first, second) == likeness(second, first)


@given(st.text(max_size=80), st.sampled_from(["en", "es", "de", ""]))
def test_any_text_is_the_same_as_itself_or_carries_nothing(text: str, language: str) -> None:
    request = request_of(text, language)
    assert same(request, request) == bool(request.words)
