"""An open question: the answer's intent decides where the dialogue goes."""

from typing import Final

from agents.endpointing.evidence import Grasp
from agents.flows.acts import Listen
from agents.flows.definition import AskNode, CollectNode
from agents.flows.engine import trail
from agents.flows.engine.changes import change_of_mind
from agents.flows.engine.failing import failed
from agents.flows.engine.filling import ROWS, fill, kind_of
from agents.flows.engine.global_commands import obey
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.recognition import agrees, guessed_intent, phrase_intent, two_requests, whole_request, wish_behind
from agents.flows.engine.scene import Scene
from agents.flows.engine.taking import given, keyed_value
from agents.flows.engine.wishes import follow
from agents.flows.words import without_hums
from agents.turns.events import Expected

MOST_OTHERS: Final = 3
"""Answers besides yes and no that a yes-or-no question may have; one with more is open."""


class Asking:
    def enter(self, scene: Scene, node: AskNode, text: str) -> Move:
        state = scene.state
        state.setbacks = 0
        trail.put(scene)
        if state.pending in node.on and state.node == scene.everywhere.to_anything_else:
            intent, state.pending = state.pending, ""
            state.intent = intent
            return Go(node.on[intent], before=scene.said(scene.everywhere.next_request, "next_request"))
        return self.ask_again(scene, node)

    def ask_again(self, scene: Scene, node: AskNode) -> Stop:
        return Stop(scene.said(node.ask, "ask"))

    def heard(self, scene: Scene, node: AskNode, text: str) -> Move:
        if not text.strip():
            return failed(scene, node)
        if not node.hum_is_yes and not (text := without_hums(text)):
            return Stop(new=False)
        if change := change_of_mind(scene, text):
            return change
        intent = self._phrase(scene, node, text)
        if move := self._wished(scene, node, text, wish_behind(scene, text, intent, node.on) if not _closed(scene, node) else intent):
            return move
        if number := self._whole_number(scene, node, text):
            return self._number(scene, node, number)
        if move := self._wished(scene, node, text, guessed_intent(scene, text, node.on)):
            return move
        if node.else_:
            scene.progress()
            fill(scene, node.fills, text)
            return Go(node.else_, text)
        return failed(scene, node)

    def _phrase(self, scene: Scene, node: AskNode, text: str) -> str:
        intent = phrase_intent(scene, text, node.on)
        return agrees(scene, text, intent) if _closed(scene, node) else intent

    def _wished(self, scene: Scene, node: AskNode, text: str, intent: str) -> Move | None:
        if not intent:
            return None
        if intent not in node.on:
            return obey(scene, intent)
        first, second = two_requests(scene, text, node.on)
        if first and node.on[first] != node.on[second]:
            intent, scene.state.pending = first, second
        return follow(scene, node.on[intent], intent, text, node.fills)

    def _whole_number(self, scene: Scene, node: AskNode, text: str) -> str:
        """A number that nobody asked for yet, said instead of the request it belongs to; empty: there is none."""
        target = scene.agent.nodes.get(node.keyed or "")
        if not isinstance(target, CollectNode) or kind_of(scene, target.slot) not in ROWS:
            return ""
        reading = scene.reader(target.slot).hear(text, scene.context)
        return reading.value if reading and reading.verdict == "complete" else ""

    def _number(self, scene: Scene, node: AskNode, number: str) -> Move:
        target = scene.agent.nodes[node.keyed or ""]
        assert isinstance(target, CollectNode)  # noqa: S101 - _whole_number found it
        return given(scene, node.keyed or "", target, number)

    def keyed(self, scene: Scene, node: AskNode, keys: str) -> Move:
        if keys in node.keys:
            scene.progress()
            return Go(node.keys[keys])
        target = scene.agent.nodes.get(node.keyed or "")
        if isinstance(target, CollectNode) and node.keyed and len(keys) > 1:
            scene.begin(node.keyed)
            trail.put(scene)
            return keyed_value(scene, target, keys)
        return failed(scene, node)

    def silent(self, scene: Scene, node: AskNode) -> Move:
        return failed(scene, node, silent=True)

    def listen(self, scene: Scene, node: AskNode) -> Listen:
        expected = Expected.YES_NO if _closed(scene, node) else Expected.OPEN
        menu, person = "".join(node.keys), "" if "0" in node.keys else "0"
        target = scene.agent.nodes.get(node.keyed or "")
        if isinstance(target, CollectNode):
            return Listen(scene.reader(target.slot).longest_keys, person, menu, expected=expected, knobs=node.turns)
        return Listen(1, person, expected=expected, knobs=node.turns)

    def grasp(self, scene: Scene, node: AskNode, text: str) -> Grasp:
        text = text if node.hum_is_yes else without_hums(text)
        intent = self._phrase(scene, node, text) or whole_request(scene, text, node.on)
        target = scene.agent.nodes.get(node.on.get(intent, node.keyed or ""))
        if isinstance(target, CollectNode) and _begun(scene, target.slot, text):
            return Grasp.PARTIAL
        number = self._whole_number(scene, node, text)
        asked = scene.agent.nodes.get(node.keyed or "")
        whole = isinstance(asked, CollectNode) and bool(number) and len(number) == scene.reader(asked.slot).longest_keys
        return Grasp.COMPLETE if intent or whole else Grasp.UNKNOWN


def _closed(scene: Scene, node: AskNode) -> bool:
    """Whether the question is one for yes or no."""
    others = set(node.on) - {scene.everywhere.yes, scene.everywhere.no}
    return len(node.on) - len(others) == 2 and len(others) <= MOST_OTHERS


def _begun(scene: Scene, slot: str, text: str) -> bool:
    """Half a number is in ``text``."""
    if kind_of(scene, slot) not in ROWS:
        return False
    reading = scene.reader(slot).hear(text, scene.context)
    return reading is not None and reading.verdict == "partial"
