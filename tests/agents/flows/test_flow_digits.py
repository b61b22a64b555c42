"""Digits as people say them and recognisers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.flows.corrections import mend
from agents.flows.digits import hear_digits, spell


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four five six seven eight", "45678"),
        ("The number I have is one zero four eight two.", "10482"),
        ("Four, five, six, seven, eight.", "45678"),
        ("4 5 6 7 8", "45678"),
        ("45678", "45678"),
        ("45,678", "45678"),
        ("4-5-6-7-8.", "45678"),
        ("my order number is four five six seven eight thank you", "45678"),
        ("double seven oh twenty three", "77023"),
        ("triple four double one", "44411"),
        ("four o five oh six", "40506"),
        ("zero nought one two three", "00123"),
        ("forty five six seventy eight", "45678"),
        ("forty-five six seventy-eight", "45678"),
        ("forty five thousand six hundred and seventy eight", "45678"),
        ("twelve three forty five", "12345"),
        ("one hundred twenty three forty five", "12345"),
        ("fourteen fifteen six", "14156"),
        ("twenty twenty one", "2021"),
        ("four five, six seven", "4567"),
        ("for five six seven ate", "45678"),
        ("It's for five six seven eight.", "45678"),
        ("four five sex seven eight", "45678"),
        ("to for six eight nine", "24689"),
        ("free five six seven eight", "35678"),
        ("um, four, uh, five six seven eight", "45678"),
        ("oh, it is four five six seven eight", "45678"),
        ("oh four five six seven", "04567"),
        ("the number for it is four five six seven eight", "45678"),
        ("no, it is seven four five one two", "74512"),
        ("four five six no seven four five one two", "74512"),
        ("four five six, no, seven eight nine", "45789"),
        ("four five six seven nine no eight", "45678"),
        ("four five six seven nine, sorry, eight", "45678"),
        ("four five six seven eight, I mean, nine eight", "45698"),
        ("four six wait four five six seven eight", "45678"),
        ("I want to talk to someone", ""),
        ("no", ""),
        ("for you to see", ""),
        ("", ""),
        ("double", ""),
        ("four five six seven eight nine", "456789"),
    ],
)
def test_five_digits(said: str, digits: str) -> None:
    assert hear_digits(said, 5, 5).digits == digits


@given(st.from_regex(r"[0-9]{1,12}", fullmatch=True))
def test_what_is_spelt_is_heard(digits: str) -> None:
    assert hear_digits(spell(digits), len(digits), len(digits)).digits == digits


@given(st.text(max_size=80))
def test_any_text_gives_only_digits(text: str) -> None:
    heard = hear_digits(text, 5, 5).digits
    assert heard == "" or heard.isdigit()


@pytest.mark.parametrize(
    ("said", "mended"),
    [
        ("no, the last digit is nine", "45679"),
        ("the last one should be a nine", "45679"),
        ("the last two digits are nine zero", "45690"),
        ("the first digit is seven", "75678"),
        ("the first two are one two", None),
        ("the first two digits are one two", "12678"),
        ("it starts with seven", "75678"),
        ("no it ends in 99", "45699"),
        ("not seven, nine", "45698"),
        ("nine not seven", "45698"),
        ("nine instead of seven", "45698"),
        ("the third digit should be a two", "45278"),
        ("the seven should be a one", "45618"),
        ("change the seven to one", "45618"),
        ("the second last digit is zero", "45608"),
        ("the tenth digit is one", None),
        ("yes that is right", None),
        ("no", None),
        ("not three, nine", None),
    ],
)
def test_a_correction_changes_what_it_names(said: str, mended: str | None) -> None:
    assert mend("45678", said) == mended


@given(st.text(max_size=60), st.from_regex(r"[0-9]{5}", fullmatch=True))
def test_a_correction_keeps_the_length(text: str, current: str) -> None:
    mended = mend(current, text)
    assert mended is None or (len(mended) == 5 and mended.isdigit())
