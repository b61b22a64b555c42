"""The manner of a call: within its limits, told once for each change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.conversation.manner_in_force import MannerInForce, as_event
from agents.manner import Manner


def test_the_usual_manner_is_that_of_the_default() -> None:
    assert MannerInForce().now == Manner() == Manner(1.0, False, False, "")


def test_each_change_is_told_with_its_reason_and_no_change_is_not() -> None:
    told: list[tuple[Manner, str]] = []
    manner = MannerInForce(told=lambda now, why: told.append((now, why)))
    slow = Manner(pace=0.85, slow_readback=True)
    assert manner.set(slow, "confused")
    assert not manner.set(slow, "confused")
    assert manner.set(Manner())
    assert told == [(slow, "confused"), (Manner(), "")]


@given(st.floats(allow_nan=False))
def test_no_pace_leaves_the_limits(pace: float) -> None:
    manner = MannerInForce(Manner(pace=pace))
    assert 0.7 <= manner.now.pace <= 1.1
    manner.set(Manner(pace=pace, short=True))
    assert manner.now.pace == min(max(pace, 0.7), 1.1)


def test_no_number_is_no_pace() -> None:
    with pytest.raises(ValueError, match=r"give one from 0\.7 to 1\.1"):
        MannerInForce().set(Manner(pace=float("nan")))


def test_the_record_of_it_says_what_is_in_force_and_why() -> None:
    event = as_event(Manner(0.8500001, True, False, "Be calm."), "confused")
    assert event == {"pace": 0.85, "slow_readback": True, "short": False, "tone": "Be calm.", "why": "confused"}
