"""Overload: lateness that lasts sends new calls elsewhere, and what is over is over."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ari_app.calls.overload import EVERY_S, Overload, OverloadLimits


def after(steps: list[tuple[float, float]]) -> list[bool]:
    overload = Overload()
    return [overload.step(lag, late, number * EVERY_S) for number, (lag, late) in enumerate(steps)]


GOOD, LAGGING, LATE = (0.004, 0.001), (0.35, 0.0), (0.0, 0.12)


def test_a_good_worker_takes_calls() -> None:
    assert not any(after([GOOD] * 200))


def test_a_second_of_lateness_of_either_kind_is_overload() -> None:
    for bad in (LAGGING, LATE):
        assert after([bad] * 4) == [False, False, False, True]


def test_hiccups_are_not() -> None:
    assert not any(after([LAGGING, GOOD, GOOD, GOOD] * 50))


def test_one_long_stop_is() -> None:
    assert after([(2.0, 0.0)])[-1]


def test_it_ends_only_when_all_is_made_good_and_then_within_six_seconds() -> None:
    found = after([LAGGING] * 40 + [GOOD] * 40)
    over = found.index(False, 5)
    assert 3 <= (over - 40) * EVERY_S <= 6.25
    assert not any(found[over:])


def test_it_does_not_flap() -> None:
    found = after([LAGGING, LAGGING, GOOD] * 60)
    assert sum(a is not b for a, b in pairwise(found)) == 1


def test_slow_answers_in_a_row_count_and_a_quick_one_ends_them() -> None:
    overload = Overload(OverloadLimits(gap_ms=3000))
    for at in range(4):
        assert not overload.step(0, 0, at)
        overload.gap(3500, at)
    assert overload.step(0, 0, 4)
    overload.gap(800, 5)
    assert not overload.step(0, 0, 5)


def test_slow_answers_are_forgotten_when_no_others_come() -> None:
    overload = Overload()
    for at in range(4):
        overload.gap(9000, at)
    assert overload.step(0, 0, 4)
    assert not overload.step(0, 0, 20)


def test_slow_answers_can_be_left_out_of_account() -> None:
    overload = Overload(OverloadLimits(gap_ms=0))
    for at in range(10):
        overload.gap(60_000, at)
    assert not overload.step(0, 0, 10)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 1)), max_size=60))
def test_it_always_ends(steps: list[tuple[float, float]]) -> None:
    assert not after([*steps, *[GOOD] * 25])[-1]


def test_zero_means_that_it_is_not_looked_at() -> None:
    blind = Overload(OverloadLimits.of(0, 0))
    seeing = Overload(OverloadLimits.of(300, 4000))
    for step in range(40):
        blind.gap(9000, step / 4)
        blind.step(5.0, 5.0, step / 4)
        seeing.step(0.0, 0.2, step / 4)
    assert not blind.active
    assert seeing.active, "late packets alone suffice"
