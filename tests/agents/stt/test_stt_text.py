import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.stt.text import tidy


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  hello   there ", "Hello there"),
        ("four two seven , one five .", "Four two seven, one five."),
        ("[music] my order (coughs) is late", "My order is late"),
        ("call (555) 0199", "Call (555) 0199"),
        ("You", ""),
        ("you.", ""),
        ("You again", "You again"),
        ("♪♪♪", ""),
        ("© transcript Emily Example", ""),
        ("...", ""),
        ("", ""),
        ("42715", "42715"),
    ],
)
def test_examples(raw: str, expected: str) -> None:
    assert tidy(raw) == expected


@given(st.text(alphabet="0123456789 ,.-()ab♪", max_size=60))
def test_no_digit_is_ever_lost(raw: str) -> None:
    assert [c for c in tidy(raw) if c.isdigit()] == [c for c in raw if c.isdigit()]


@given(st.text(max_size=60))
def test_tidying_twice_changes_nothing(raw: str) -> None:
    assert tidy(tidy(raw)) == tidy(raw)
