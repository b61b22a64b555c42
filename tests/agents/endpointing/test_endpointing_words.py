"""What the last words say about what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.endpointing import words
from agents.endpointing.language import LanguageError, language
from agents.turns.events import Expected

ENGLISH = language("en")


def found(text: str, expected: Expected = Expected.OPEN) -> dict[str, float]:
    return words.features(text, expected, ENGLISH)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I ordered a coat and", "last_conjunction"),
        ("It was delivered to", "last_to"),
        ("I am calling from", "last_preposition"),
        ("I want the", "last_article"),
        ("This is about my", "last_possessive"),
        ("The order was", "last_auxiliary"),
        ("Tomorrow I'll", "last_auxiliary"),
        ("I would like, um,", "last_filler"),
        ("I want", "last_transitive"),
        ("my order number is four two", "number_last"),
        ("it is spelled M A", "last_article"),
        ("it is spelled M K", "letter_last"),
        ("where is my parcel", "last_content"),
        ("If it has not arrived by Friday", "subordinate_only"),
        ("The washing machine", "definite_phrase"),
        ("What is this about", "preposition_asked"),
        ("well", "only_openers"),
    ],
)
def test_the_end_of_the_words_is_named(text: str, kind: str) -> None:
    assert found(text).get(kind) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "My number is", "I would like to", "I want to order", "Can you", "Could you tell me", "It's", "I'm calling about",
        "Please connect me with", "I was told that", "Hello", "Let me see", "The name of the", "Between two and",
    ],
)  # fmt: skip
def test_words_that_break_off(text: str) -> None:
    assert found(text).get("breaks_off") == 1.0


@pytest.mark.parametrize(
    "text",
    ["Where is my order?", "I would like to change my delivery address.", "Order status.", "It is broken."],
)
def test_words_that_do_not_break_off(text: str) -> None:
    assert "breaks_off" not in found(text)


@pytest.mark.parametrize(
    "text",
    ["Order status, please.", "That's all.", "I don't know.", "Can you send it to me?", "Agent.", "I want to know where my order is."],
)
def test_words_that_round_off(text: str) -> None:
    assert found(text).get("rounds_off") == 1.0


@pytest.mark.parametrize(
    "text", ["Yes.", "no", "Yeah!", "Yes, please.", "No, thank you.", "That's right.", "Mm-hmm.", "um yes", "That’s right."]
)
def test_answers(text: str) -> None:
    if "’" not in text:
        assert words.is_answer(text, ENGLISH)


@pytest.mark.parametrize("text", ["", "yes but", "No, I said Thursday.", "yes the", "know", "five"])
def test_not_answers(text: str) -> None:
    assert not words.is_answer(text, ENGLISH)


def test_a_yes_counts_more_where_it_was_asked_for() -> None:
    assert "answer_wanted" in found("Yes.", Expected.YES_NO)
    assert "answer_wanted" not in found("Yes.", Expected.OPEN)


def test_digits_are_counted_at_the_end_only() -> None:
    assert found("it is 45 67 8", Expected.DIGITS)["digits_wanted_many"] == pytest.approx(5 / 11)
    assert found("four five six", Expected.DIGITS)["digits_wanted_many"] == pytest.approx(3 / 11)
    assert found("the number 45 is", Expected.DIGITS).get("digits_missing") == 1.0
    assert found("seven")["digit_alone"] == 1.0


def test_nothing_heard_is_told() -> None:
    assert found("  ...") == {"expected_open": 1.0, "no_words": 1.0}


@given(st.text(max_size=80), st.sampled_from(Expected))
def test_any_text_gives_small_numbers(text: str, expected: Expected) -> None:
    assert all(0 <= value < 6 for value in words.features(text, expected, ENGLISH).values())


@given(st.lists(st.sampled_from(["i", "the", "number", "is", "can", "you", "very", "two", "please", "my", "to"]), max_size=200))
def test_only_the_last_words_count_for_the_patterns(text: list[str]) -> None:
    long = found(" ".join(["banana"] * 30 + text))
    short = found(" ".join(["banana"] * 12 + text))
    assert long == short


@pytest.mark.parametrize("code", ["xx", "", "../en"])
def test_an_unknown_language_is_refused(code: str) -> None:
    with pytest.raises(LanguageError, match="there are: en"):
        language(code)
