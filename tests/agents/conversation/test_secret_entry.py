"""A card number keyed in a call: charged, and nowhere to be found afterwards."""

import asyncio
from collections.abc import Mapping

from agents.flows.definition import AgentDefinition, PaymentNode
from agents.flows.texts import Texts
from agents.tools import ToolInfo
from agents.transcript import JsonValue
from tests.agents.mind_doubles import FRONT_DESK, Rig, converse, sound_of

CARD, EXPIRY, CODE = "4242424242424242", "1130", "737"


def texts(*wordings: str) -> Texts:
    return Texts.model_validate(list(wordings))


class Till:
    def __init__(self) -> None:
        self.charged: list[Mapping[str, JsonValue]] = []

    def describe(self, name: str) -> ToolInfo | None:
        return ToolInfo(name, "Charges a card.")

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        self.charged.append(dict(arguments))
        await asyncio.sleep(0.05)
        return {"approved": True, "last4": "4242"}


def shop() -> AgentDefinition:
    pay = PaymentNode(
        do="payment",
        ask=texts("Please key in your card number."),
        expiry=texts("Now the month and year of its end."),
        cvc=texts("Now the three digits on its back."),
        amount="64.00",
        again=texts("Please use the keys."),
        silent=texts("Please key it in."),
        rejected=texts("It was refused."),
        tool="payments.charge",
        next="anything_else",
        failed="giving_up",
    )
    return FRONT_DESK.model_copy(update={"nodes": {**FRONT_DESK.nodes, "pay": pay}, "start": "pay"})


def pay_by_keys(till: Till) -> Rig:
    def prepare(rig: Rig) -> None:
        rig.agent = shop()
        rig.orders = till  # type: ignore[assignment]

    async def script(rig: Rig) -> None:
        await rig.hears("card number")
        await rig.line.speak(sound_of(f"it is {CARD}"))
        await rig.keys(CARD, 0.1)
        await rig.hears("month and year")
        await rig.keys(EXPIRY, 0.1)
        await rig.hears("on its back")
        await rig.keys(CODE + "#", 0.1)
        await rig.hears("anything else")
        await rig.says("no goodbye")

    _, rig = converse(script, prepare)
    return rig


def test_the_card_is_charged_and_leaves_no_trace() -> None:
    till = Till()
    rig = pay_by_keys(till)
    [charge] = till.charged
    assert CARD in charge.values()
    assert CODE in charge.values()
    kept = repr((rig.notes.turns, rig.notes.events, rig.notes.partials))
    for secret in (CARD, EXPIRY, CODE, CARD[:6], CARD[-8:]):
        assert secret not in kept
    assert [turn.text for turn in rig.notes.turns if turn.via == "keypad"] == ["•" * 16, "•" * 4, "•" * 3]


def test_nobody_listens_while_a_secret_is_keyed_and_everybody_does_afterwards() -> None:
    rig = pay_by_keys(Till())
    assert not any(CARD in turn.text for turn in rig.notes.turns), "it was said aloud too"
    entries = [data["on"] for kind, _, data in rig.notes.events if kind == "secret_entry"]
    assert entries[0] is True
    assert entries[-1] is False
    assert rig.notes.said()[-2:] == ["caller: no goodbye", "agent: Thank you for calling. Goodbye."]
