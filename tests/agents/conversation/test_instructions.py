"""A supervisor's private instructions: to a model, as an order, or not possible."""

import asyncio

import pytest

from agents.conversation.instructions import Order, SayAloud, order_in
from agents.transcript import JsonValue
from tests.agents.conversation.test_model_turns import LAMPS, Model, with_model
from tests.agents.mind_doubles import Rig, converse

PRIVATE = "Offer ten percent off, she is a good customer"


def told(rig: Rig) -> list[dict[str, JsonValue]]:
    return [{"kind": kind, **data} for kind, _, data in rig.notes.events if kind.startswith("instruct")]


def test_a_model_is_told_with_its_next_turn_and_nobody_hears_of_it() -> None:
    model = Model(LAMPS)

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("do you sell lamps")
        await rig.hears("Which do you like")
        assert rig.conversation
        rig.conversation.instruct(PRIVATE)
        await rig.says("brass")
        await rig.hears("good choice")
        rig.line.hang_up()

    _, rig = converse(script, with_model(model))
    assert PRIVATE not in model.tasks[0].instructions
    assert PRIVATE in model.tasks[-1].instructions
    assert "never let the caller know" in model.tasks[-1].instructions
    assert all(PRIVATE not in turn.text for turn in rig.notes.turns)
    assert all(PRIVATE not in turn.text for turn in model.tasks[-1].turns)
    assert told(rig) == [{"kind": "instructed", "text": PRIVATE, "as": "model"}]


def test_an_instruction_during_a_guess_counts_for_the_answer() -> None:
    model = Model(LAMPS, first_s=2.0)

    async def script(rig: Rig) -> None:
        await rig.hears("what about lamps")
        await rig.says("do you sell lamps")  # returns 0.1 s after the voice: the model is at work on a guess
        assert rig.conversation
        await asyncio.sleep(0.08)
        rig.conversation.instruct(PRIVATE)
        await rig.hears("Which do you like")
        rig.line.hang_up()

    _, rig = converse(script, with_model(model))
    assert len(model.tasks) == 2
    assert PRIVATE in model.tasks[-1].instructions
    assert sum("Yes, many of them." in line for line in rig.notes.said()) == 1


def test_without_a_model_it_is_not_possible() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        assert rig.conversation
        rig.conversation.instruct(PRIVATE)
        await asyncio.sleep(1.0)
        rig.line.hang_up()

    _, rig = converse(script)
    assert told(rig) == [{"kind": "instruction_not_possible", "text": PRIVATE, "reason": "no_model"}]
    assert len(rig.notes.turns) == 1


def test_orders_are_obeyed_without_a_model() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        assert rig.conversation
        rig.conversation.instruct("say: We close early today.")
        await rig.hears("We close early today")
        rig.conversation.instruct("transfer to a person now")

    outcome, rig = converse(script)
    assert (outcome.kind, outcome.reason) == ("handover", "supervisor")
    assert [entry["as"] for entry in told(rig)] == ["say", "transfer"]


def test_a_call_can_be_ended_by_order() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        assert rig.conversation
        rig.conversation.instruct("end the call")

    outcome, _ = converse(script)
    assert (outcome.kind, outcome.reason) == ("goodbye", "ended_by_supervisor")


def test_nothing_is_asked_of_a_call_that_is_ending() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("goodbye")
        await rig.begins(words="Goodbye")
        assert rig.conversation
        rig.conversation.instruct("transfer")

    outcome, rig = converse(script)
    assert outcome.kind == "goodbye"
    assert told(rig)[0]["reason"] == "call_is_ending"


@pytest.mark.parametrize(
    ("text", "modelled", "order"),
    [
        ("transfer", True, Order.TRANSFER),
        ("Please transfer the caller to a colleague now.", True, Order.TRANSFER),
        ("hand them over", False, Order.TRANSFER),
        ("put her through", False, Order.TRANSFER),
        ("transfer fees do not apply to her", True, None),
        ("end this call now", False, Order.END),
        ("end on a friendly note", True, None),
        ("say: good morning", True, SayAloud("good morning")),
        ('say "good morning"', True, SayAloud("good morning")),
        ("say sorry to her", True, None),
        ("say sorry for the delay", False, SayAloud("sorry for the delay")),
        ("say nothing about prices", False, None),
        ("", False, None),
    ],
)
def test_what_is_an_order(text: str, modelled: bool, order: Order | SayAloud | None) -> None:
    assert order_in(text, modelled=modelled) == order
