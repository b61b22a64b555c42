"""Digits as people say them and recognisers write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.nlu.slots import Reading, SlotContext
from agents.nlu.slots.digit_mending import mend_digits
from agents.nlu.slots.digits import hear_digits, spell
from agents.nlu.slots.digits_reader import DigitsReader
from agents.nlu.slots.part import DigitsSlot

NOW = SlotContext(datetime(2026, 11, 21, 11, 0, tzinfo=UTC))
FIVE = DigitsReader(DigitsSlot(kind="digits", shortest=5, longest=5))
CALLBACK = DigitsReader(DigitsSlot(kind="digits", shortest=6, longest=15))


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
        ("four four five six seven eight nine", "4456789"),
    ],
)
def test_five_digits(said: str, digits: str) -> None:
    assert hear_digits(said, 5, 5, "en").digits == digits
    reading = FIVE.hear(said, NOW)
    assert (reading.value if reading else "") == digits


@settings(deadline=None)
@given(st.from_regex(r"[0-9]{1,12}", fullmatch=True))
def test_what_is_spelt_is_heard(digits: str) -> None:
    assert hear_digits(spell(digits, "en"), len(digits), len(digits), "en").digits == digits


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_only_digits(text: str) -> None:
    heard = hear_digits(text, 5, 5, "en").digits
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
    assert mend_digits("45678", said, "en") == mended


@settings(deadline=None)
@given(st.text(max_size=60), st.from_regex(r"[0-9]{5}", fullmatch=True))
def test_a_correction_keeps_the_length(text: str, current: str) -> None:
    mended = mend_digits(current, text, "en")
    assert mended is None or (len(mended) == 5 and mended.isdigit())


@pytest.mark.parametrize(
    ("so_far", "said", "reading"),
    [
        ("45", "six seven eight", Reading("45678")),
        ("45", "six", Reading("456", "partial")),
        ("45", "one zero four eight two", Reading("10482")),
        ("45", "no, one two", Reading("12", "partial")),
        ("45", "the last digit is nine", Reading("49", "partial")),
        ("45", "for ate two", Reading("45482", "complete", 0.4)),
        ("45", "hello", None),
        ("", "four five six seven eight nine", Reading("456789", "too_many")),
    ],
)
def test_a_number_in_pieces(so_far: str, said: str, reading: Reading | None) -> None:
    assert FIVE.hear(said, NOW, so_far) == reading


@pytest.mark.parametrize(
    ("said", "refused", "reading"),
    [
        ("no, seven four five one two", True, Reading("74512")),
        ("the last digit is nine", False, Reading("45679")),
        ("four five six seven eight", False, Reading("45678")),
        ("yes one", False, None),
        ("no, seven four", True, Reading("74", "partial")),
        ("no", True, None),
        ("", False, None),
    ],
)
def test_after_the_read_back(said: str, refused: bool, reading: Reading | None) -> None:
    assert FIVE.mend("45678", said, NOW, refused=refused) == reading


def test_more_digits_are_put_behind_a_number_that_may_be_longer() -> None:
    assert CALLBACK.mend("555012", "and three four", NOW, refused=False) == Reading("55501234")


@pytest.mark.parametrize(
    ("said", "so_far", "expected"),
    [
        ("my order number is", "", True),
        ("four five six", "", True),
        ("four five six seven eight", "", False),
        ("six seven", "45", True),
        ("six seven eight", "45", False),
        ("where is my parcel", "", False),
        ("", "", False),
    ],
)
def test_half_a_number_is_waited_for(said: str, so_far: str, expected: bool) -> None:
    assert FIVE.unfinished(said, NOW, so_far) is expected


def test_keys() -> None:
    assert FIVE.keyed("10482", NOW) == Reading("10482")
    assert FIVE.keyed("104", NOW) == Reading("104", "partial")
    assert FIVE.keyed("*", NOW) is None


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("I want to return order 10482, it was forty dollars, on Friday", "10482"),
        ("order 10482 for $49.99 on 11/27", "10482"),
        ("one oh four eight two two days ago", "10482"),
        ("the order is one zero four eight two and I paid twenty dollars", "10482"),
        ("it is order one zero four eight two, at three pm please", "10482"),
        ("call me on 41555", None),
        ("10482 or 10483", None),
        ("I have been waiting 12345 days", None),
        ("it was $10,482", None),
        ("I want to speak to a person", None),
        ("four five six", None),
    ],
)
def test_found_where_nobody_asked(said: str, digits: str | None) -> None:
    found = FIVE.find(said, NOW)
    assert (found.value if found else None) == digits
