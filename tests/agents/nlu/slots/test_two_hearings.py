"""A number heard twice with the wrong number of digits."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.nlu.slots import Reading, SlotContext
from agents.nlu.slots.digits_reader import DigitsReader
from agents.nlu.slots.part import DigitsSlot
from agents.nlu.slots.two_hearings import together

NOW = SlotContext(datetime(2026, 11, 21, 11, 0, tzinfo=UTC))
TEN = DigitsReader(DigitsSlot(kind="digits", shortest=10, longest=10))


@pytest.mark.parametrize(
    ("first", "second", "length", "value"),
    [
        ("123456789", "123467890", 10, "1234567890"),
        ("1234567890", "123467890", 10, "1234567890"),
        ("12345567890", "1234567890", 10, "1234567890"),
        ("1234567890", "12345677890", 10, "1234567890"),
        ("123456789", "123456789", 10, None),
        ("123456789", "987654", 10, None),
        ("12", "12", 4, None),
    ],
)
def test_together(first: str, second: str, length: int, value: str | None) -> None:
    assert together(first, second, length) == value


@settings(deadline=None)
@given(st.from_regex(r"[0-9]{0,18}", fullmatch=True), st.from_regex(r"[0-9]{0,18}", fullmatch=True), st.integers(1, 16))
def test_the_length_is_kept(first: str, second: str, length: int) -> None:
    value = together(first, second, length)
    assert value is None or len(value) == length


def test_a_number_said_again_is_not_put_behind_the_first() -> None:
    assert TEN.hear("one two three four six seven eight nine zero", NOW, "123456789") == Reading("1234567890", "complete", 0.6)
    assert TEN.hear("one two three four five six seven eight nine", NOW, "123456789") == Reading("123456789", "partial")


def test_a_refused_value_does_not_come_back() -> None:
    heard = TEN.mend("1234567890", "no, one two three four six seven eight nine zero", NOW, refused=True)
    assert heard == Reading("123467890", "partial")
    heard = TEN.mend("1234567891", "no, one two three four five seven eight nine zero", NOW, refused=True)
    assert heard == Reading("1234567890", "complete", 0.6)
