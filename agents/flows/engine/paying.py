"""A card by keypad: number, expiry, security code. What is spoken is not taken, and nothing of the card is ever said or kept.

The tool gets ``card``, ``expiry`` (MMYY), ``cvc`` and ``amount``, and what the node gives it under ``with``; it answers ``approved``:
anything but true is a refusal. Wrong entries and refusals count together; past ``attempts`` the call goes on at ``failed``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from agents.endpointing.evidence import Grasp
from agents.flows.acts import CallTool, Listen
from agents.flows.card import LONGEST, Card, is_card_number, is_expiry, is_security_code
from agents.flows.definition import PaymentNode
from agents.flows.engine import trail
from agents.flows.engine.calling import plain
from agents.flows.engine.failing import failed, leave
from agents.flows.engine.global_commands import obey
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.recognition import phrase_intent
from agents.flows.engine.scene import Scene
from agents.flows.texts import Texts
from agents.transcript import JsonValue
from agents.turns.events import Expected

KEYS: Final[Mapping[str, int]] = {"number": LONGEST, "expiry": 4, "code": 4}
"""Most keys of each entry."""
START_AGAIN: Final = "*"
"""Keys before this one do not count."""


class Paying:
    def enter(self, scene: Scene, node: PaymentNode, text: str) -> Move:
        state = scene.state
        state.card, state.refusals = Card(), 0
        trail.put(scene)
        return self.ask_again(scene, node)

    def ask_again(self, scene: Scene, node: PaymentNode) -> Stop:
        stage = scene.state.card.stage
        texts: Texts = {"number": node.ask, "expiry": node.expiry, "code": node.cvc}[stage]
        return Stop(scene.said(texts, stage))

    def heard(self, scene: Scene, node: PaymentNode, text: str) -> Move:
        intent = phrase_intent(scene, text, []) if text.strip() else ""
        if intent and (move := obey(scene, intent)):
            if intent != scene.everywhere.repeat:
                scene.state.card = scene.state.card.wiped()
            return move
        return failed(scene, node)

    def keyed(self, scene: Scene, node: PaymentNode, keys: str) -> Move:
        digits, card = keys.rpartition(START_AGAIN)[2], scene.state.card
        match card.stage:
            case "number" if is_card_number(digits):
                return self._next(scene, node, Card("expiry", digits, last_four=digits[-4:]))
            case "expiry" if is_expiry(digits, scene.context.now):
                return self._next(scene, node, replace(card, stage="code", expiry=digits))
            case "code" if is_security_code(digits):
                return self._charge(scene, node, digits)
            case "number":
                return self._refused(scene, node, node.rejected)
        return self._refused(scene, node, node.again)

    def _next(self, scene: Scene, node: PaymentNode, card: Card) -> Move:
        scene.state.card = card
        scene.progress()
        return self.ask_again(scene, node)

    def _charge(self, scene: Scene, node: PaymentNode, code: str) -> Move:
        state, card = scene.state, scene.state.card
        scene.progress()
        state.waiting_for, state.card = node.tool, card.wiped()
        arguments: dict[str, JsonValue] = {name: scene.fill(template) for name, template in node.arguments.items()}
        arguments |= {"card": card.number, "expiry": card.expiry, "cvc": code, "amount": scene.fill(node.amount)}
        return Stop([CallTool(node.tool, arguments, node.limit_s, secret=True)])

    def returned(self, scene: Scene, node: PaymentNode, result: Mapping[str, JsonValue] | None) -> Move:
        """``None``: the tool failed or took too long, and nobody knows whether the card was charged."""
        scene.state.card = scene.state.card.wiped()
        if result is None:
            trail.seal(scene)
            return leave(scene, node.failed, "tool_error")
        scene.state.result = plain(result, node.returns)
        if result.get("approved") is not True:
            return self._refused(scene, node, node.rejected)
        trail.seal(scene)
        return Go(node.next)

    def _refused(self, scene: Scene, node: PaymentNode, texts: Texts) -> Move:
        """A wrong entry or a card that was not accepted; a refused card begins anew."""
        state = scene.state
        state.refusals += 1
        if texts is node.rejected:
            state.card = Card()
        if state.refusals >= node.attempts:
            state.card = state.card.wiped()
            return leave(scene, node.failed, "payment_failed")
        return Stop(scene.said(texts, "refused"))

    def silent(self, scene: Scene, node: PaymentNode) -> Move:
        return failed(scene, node, silent=True)

    def listen(self, scene: Scene, node: PaymentNode) -> Listen:
        return Listen(KEYS[scene.state.card.stage], "", "0", expected=Expected.DIGITS, secret=True)

    def grasp(self, scene: Scene, node: PaymentNode, text: str) -> Grasp:
        return Grasp.COMPLETE if phrase_intent(scene, text, []) else Grasp.UNKNOWN
