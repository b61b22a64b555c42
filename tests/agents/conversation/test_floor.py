"""Which knobs are in force for which question."""

import pytest
from pydantic import ValidationError

from agents.conversation.floor import Floor
from agents.flows.acts import Act, Listen, Say
from agents.turns.events import Expected
from agents.turns.knobs import Layer


def test_the_layers_apply_in_their_order_and_a_questions_own_on_top() -> None:
    floor = Floor([{"endpointing": {"min_delay_s": 0.3, "max_delay_s": 1.0}}, {"endpointing": {"max_delay_s": 1.2}}])
    assert (floor.knobs.endpointing.min_delay_s, floor.knobs.endpointing.max_delay_s) == (0.3, 1.2)
    given = floor.give(Listen(5, "0", expected=Expected.DIGITS, knobs={"endpointing": {"max_delay_s": 2.0}}), "Your number?")
    assert given.knobs is floor.knobs
    assert (floor.knobs.endpointing.min_delay_s, floor.knobs.endpointing.max_delay_s) == (0.3, 2.0)
    assert (given.expected, floor.expected, floor.asked) == (Expected.DIGITS, Expected.DIGITS, "Your number?")


def test_a_questions_knobs_end_with_it() -> None:
    floor = Floor([])
    floor.give(Listen(knobs={"bargein": {"enabled": False}}), "Listen well.")
    assert not floor.knobs.bargein.enabled
    floor.give(Listen(), "And now?")
    assert floor.knobs.bargein.enabled


def test_knobs_are_worked_out_once_for_each_question() -> None:
    floor = Floor([])
    first = floor.give(Listen(knobs={"listening": {"noise_below_s": 0.5}}), "").knobs
    floor.give(Listen(), "")
    assert floor.give(Listen(knobs={"listening": {"noise_below_s": 0.5}}), "").knobs is first


def test_a_knob_out_of_range_is_refused() -> None:
    with pytest.raises(ValidationError, match="min_delay_s"):
        Floor([{"endpointing": {"min_delay_s": 50}}])


@pytest.mark.parametrize(
    ("layer", "own", "first", "later"),
    [
        ({}, {}, True, True),
        ({"bargein": {"greeting_interruptible": False}}, {}, False, True),
        ({"bargein": {"enabled": False}}, {}, False, False),
        ({"bargein": {"enabled": False}}, {"bargein": {"enabled": True}}, True, True),
        ({}, {"bargein": {"enabled": False}}, False, False),
    ],
)
def test_whether_the_voice_may_interrupt(layer: Layer, own: Layer, first: bool, later: bool) -> None:
    floor = Floor([layer])
    acts: list[Act] = [Say("Hello. How can I help?"), Listen(knobs=own)]
    assert floor.may_interrupt(acts) is first
    assert floor.may_interrupt(acts) is later
