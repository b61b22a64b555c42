"""The wait as a function of P(finished) and of the knobs."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents.endpointing.waits import Delays, delays, wait_s
from agents.turns.knobs import EndpointingKnobs, EndpointingRule

PROBABILITY = st.floats(0, 1)
SILENCES = st.lists(st.floats(0.1, 10), min_size=3, max_size=3).map(lambda found: Delays(*sorted(found)))
NORMAL = Delays(0.2, 0.7, 1.4)


@given(PROBABILITY, PROBABILITY, SILENCES, st.floats(0, 1))
def test_the_wait_never_rises_with_the_probability(one: float, other: float, silence: Delays, extra: float) -> None:
    low, high = sorted((one, other))
    assert wait_s(high, silence, extra) <= wait_s(low, silence, extra) + 1e-9


@given(PROBABILITY, SILENCES)
def test_the_wait_lies_between_the_delays(p: float, silence: Delays) -> None:
    assert silence.least - 1e-9 <= wait_s(p, silence) <= silence.unfinished + 1e-9


@given(PROBABILITY, SILENCES, st.floats(0, 1))
def test_habits_only_lengthen_the_wait(p: float, silence: Delays, extra: float) -> None:
    assert wait_s(p, silence) - 1e-9 <= wait_s(p, silence, extra) <= wait_s(p, silence) + extra + 1e-9


@given(PROBABILITY, SILENCES)
def test_the_wait_has_no_jumps(p: float, silence: Delays) -> None:
    assume(p < 0.999)
    assert abs(wait_s(p + 0.001, silence) - wait_s(p, silence)) < 0.02 * (silence.unfinished - silence.least) + 1e-6


def test_the_three_delays_are_reached() -> None:
    assert wait_s(1.0, NORMAL) == pytest.approx(0.2)
    assert wait_s(0.3, NORMAL) == pytest.approx(0.7)
    assert wait_s(0.0, NORMAL) == pytest.approx(1.4)


def test_the_first_rule_that_fits_replaces_the_delays() -> None:
    knobs = EndpointingKnobs(
        rules=(
            EndpointingRule(after=r"order number\?", max_delay_s=2.0),
            EndpointingRule(heard="^wait", min_delay_s=1.0),
            EndpointingRule(min_delay_s=0.3),
        )
    )
    assert delays(knobs, "What is your Order Number?", "wait") == Delays(0.2, 2.0, 2.0)
    assert delays(knobs, "How can I help?", "Wait a bit") == Delays(1.0, 1.0, 1.4)
    assert delays(knobs, "", "") == Delays(0.3, 0.7, 1.4)
    assert delays(EndpointingKnobs(), "", "") == NORMAL


@given(st.floats(0.1, 2), st.floats(0.2, 10), st.floats(0.2, 10))
def test_any_knobs_give_delays_in_order(least: float, most: float, unfinished: float) -> None:
    found = delays(EndpointingKnobs(min_delay_s=least, max_delay_s=most, unfinished_delay_s=unfinished), "", "")
    assert found.least <= found.open <= found.unfinished
