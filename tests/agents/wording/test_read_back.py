"""Where the numbers of a sentence are that is read back: in words, whoever wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.flows.template import render
from agents.wording import spoken_text
from agents.wording.read_back import read_back_pieces


def pieces(text: str, language: str = "") -> list[str]:
    return [text[start:end] for start, end in read_back_pieces(text, language)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Your order is four, five, six.", ["Your order is", "four,", "five,", "six."]),
        ("Order four, five, six has shipped.", ["Order", "four,", "five,", "six", "has shipped."]),
        ("Four, five, six. Is that right?", ["Four,", "five,", "six.", "Is that right?"]),
        ("Call five five five, zero one zero.", ["Call", "five", "five", "five,", "zero", "one", "zero."]),
        ("The code is B, four, seven, is it?", ["The code is", "B,", "four,", "seven,", "is it?"]),
        ("It is four, seven, B.", ["It is", "four,", "seven,", "B."]),
        ("It costs forty-nine dollars and ninety-nine cents.", ["It costs", "forty-nine dollars", "and ninety-nine cents."]),
        ("There are ninety-nine cents left.", ["There are", "ninety-nine cents", "left."]),
        ("I have refunded twenty euros.", ["I have refunded", "twenty euros."]),
        ("That is one thousand two hundred and five pounds today.", ["That is", "one thousand two hundred and five pounds", "today."]),
    ],
)
def test_digits_and_amounts_are_pieces_of_their_own(text: str, wanted: list[str]) -> None:
    assert pieces(text, "en") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "How can I help you?",
        "Press one, two, or zero.",
        "I would say one or two days, not more.",
        "We are open from nine to five thirty.",
        "Friday, November twenty-seventh at two thirty in the afternoon.",
        "I, one of us, am here.",
    ],
)
def test_other_sentences_stay_in_one_piece(text: str) -> None:
    assert pieces(text, "en") == [text]


def test_spanish_has_its_own_words() -> None:
    text = "El pedido es cuatro, cinco, seis y cuesta treinta y cinco euros y veinte céntimos."
    wanted = ["El pedido es", "cuatro,", "cinco,", "seis", "y cuesta", "treinta y cinco euros", "y veinte céntimos."]
    assert pieces(text, "es") == wanted
    assert pieces(text) == wanted, "a language that is not told is found by its numbers"
    assert pieces("Es cuatro, cinco, seis.", "en") == ["Es cuatro, cinco, seis."]


@pytest.mark.parametrize("language", ["en", "es"])
@given(st.text("0123456789", min_size=3, max_size=16))
def test_every_digit_that_a_template_reads_back_is_a_piece(language: str, value: str) -> None:
    text = render("X {number|digits}.", {"number": value}, language)
    assert len(pieces(text, language)) == 1 + len(value)


@pytest.mark.parametrize("language", ["en", "es"])
@given(st.integers(0, 9_999_999).map(lambda cents: f"{cents // 100}.{cents % 100:02}"))
def test_every_amount_is_cut_into_notes_and_coins(language: str, value: str) -> None:
    text = spoken_text(render("X {due|money} X.", {"due": value}, language), language)
    both = not value.startswith("0.") and not value.endswith(".00")
    assert len(pieces(text, language)) == (4 if both else 3)


@given(st.text(st.sampled_from("abX ,.five-one"), max_size=60))
def test_no_letter_is_lost_or_moved(text: str) -> None:
    found = read_back_pieces(text)
    assert all(start < end for start, end in found)
    assert [*found] == sorted(found)
    assert "".join("".join(c for c in text[start:end] if c.isalnum()) for start, end in found) == "".join(c for c in text if c.isalnum())
