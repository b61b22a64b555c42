import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.clarity import CLEAR, MADE_UP, clarity


def test_what_nobody_doubts_counts_in_full() -> None:
    assert clarity(None) == clarity(CLEAR) == clarity(1.0) == 1.0


def test_what_is_as_good_as_made_up_counts_nothing() -> None:
    assert clarity(MADE_UP) == clarity(0.0) == 0.0


def test_between_the_two_it_counts_its_share() -> None:
    assert clarity((MADE_UP + CLEAR) / 2) == pytest.approx(0.5)


@given(st.floats(0, 1), st.floats(0, 1))
def test_surer_is_never_less(one: float, other: float) -> None:
    assert 0 <= clarity(min(one, other)) <= clarity(max(one, other)) <= 1
