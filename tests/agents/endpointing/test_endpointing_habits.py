"""What a caller's own pauses add to the wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.endpointing.habits import MOST_S, Habits

PAUSES = st.lists(st.floats(0, 30), max_size=40)


def after(*pauses: float) -> Habits:
    habits = Habits()
    for pause in pauses:
        habits.paused(pause)
    return habits


def test_a_stranger_gets_nothing() -> None:
    assert Habits().extra_s == 0.0


def test_short_pauses_add_nothing_and_long_ones_do() -> None:
    assert after(0.2, 0.3, 0.2).extra_s == 0.0
    assert after(1.2).extra_s == pytest.approx(0.3)
    assert after(1.2, 1.2, 1.2).extra_s > after(1.2).extra_s


def test_it_is_forgotten_over_the_turns() -> None:
    habits = after(1.4, 1.4)
    before = habits.extra_s
    for _ in range(30):
        habits.turn_ended()
    assert 0 <= habits.extra_s < before / 10


@given(PAUSES)
def test_the_extra_is_bounded(pauses: list[float]) -> None:
    assert 0 <= after(*pauses).extra_s <= MOST_S


@given(PAUSES, st.floats(0, 2), st.floats(0, 2))
def test_a_longer_pause_never_adds_less(pauses: list[float], one: float, other: float) -> None:
    short, long = sorted((one, other))
    assert after(*pauses, short).extra_s <= after(*pauses, long).extra_s + 1e-9
