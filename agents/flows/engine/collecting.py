"""The value of one slot is asked for; what was heard or keyed is read back, or taken as it is."""

from typing import Final

from agents.endpointing.evidence import Grasp
from agents.flows.acts import Listen
from agents.flows.definition import CollectNode
from agents.flows.engine import reading_back, trail
from agents.flows.engine.asides import wish_around
from agents.flows.engine.changes import change_of_mind
from agents.flows.engine.failing import failed
from agents.flows.engine.filling import FREE, ROWS, SPELLED, fill, kind_of, stands_out
from agents.flows.engine.global_commands import obey
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.recognition import guessed_intent, own_phrase, phrase_intent, whole_request
from agents.flows.engine.scene import Scene
from agents.flows.engine.taking import keyed_value, read_back, settle, take
from agents.flows.engine.wishes import follow
from agents.turns.events import Expected

DIGITS: Final = ROWS | {"code"}
"""Kinds for which the recogniser and the end of a turn expect a row of digits."""
LONG_WORDS: Final = 8
"""A free text of more words than this is the answer, even when a command is among them."""


class Collecting:
    def enter(self, scene: Scene, node: CollectNode, text: str) -> Move:
        state = scene.state
        fresh, unsure = state.node not in state.answered, node.slot in state.unconfirmed
        state.answered |= {state.node}
        if text and not node.secret:
            fill(scene, node.also, text)
            if move := self._in_passing(scene, node, text):
                return move
        value = state.value(node.slot)
        if fresh and value and unsure and node.confirm:
            trail.put(scene)
            return read_back(scene, node, value)
        if fresh and value and (unsure or not node.ask_if_known):
            trail.put(scene)
            trail.note_filled(scene, (node.slot,))
            return Go(node.next, text)
        trail.put(scene)
        return self.ask_again(scene, node)

    def _in_passing(self, scene: Scene, node: CollectNode, text: str) -> Move | None:
        """The value is in the sentence that led here."""
        reading = stands_out(scene, node.slot, text)
        complete = reading is not None and reading.verdict == "complete"
        if not complete and (intent := own_phrase(scene, text, node.set)):
            trail.put(scene)
            return settle(scene, node, node.set[intent])
        if reading is None:
            return None
        trail.put(scene)
        if complete and reading.value == scene.state.slots.get(node.slot) and node.slot not in scene.state.unconfirmed:
            return settle(scene, node, reading.value)
        return take(scene, node, reading)

    def ask_again(self, scene: Scene, node: CollectNode) -> Stop:
        if scene.state.confirming and node.confirm:
            return reading_back.ask_again(scene, node.confirm)
        if scene.state.partial and node.partial:
            return Stop(scene.said(node.partial, "partial"))
        return Stop(scene.said(node.ask, "ask"))

    def heard(self, scene: Scene, node: CollectNode, text: str) -> Move:
        if scene.state.confirming and node.confirm:
            return reading_back.heard(scene, node, node.confirm, text)
        if not text.strip():
            return failed(scene, node)
        if node.secret:
            return self._wished(scene, node, self._intent(scene, node, text), text) or failed(scene, node)
        if change := change_of_mind(scene, text):
            return change
        intent = self._intent(scene, node, text)
        reading = scene.reader(node.slot).hear(text, scene.context, scene.state.partial)
        complete = reading is not None and reading.verdict == "complete"
        if complete and not intent and (aside := wish_around(scene, [node.slot], text, node.on)):
            intent = aside
        elif reading and complete and not self._outweighs(scene, node, intent, text):
            fill(scene, node.also, text)
            return take(scene, node, reading)
        if move := self._wished(scene, node, intent, text):
            return move
        if reading is None:
            return self._without_value(scene, node, text)
        return take(scene, node, reading)

    def _without_value(self, scene: Scene, node: CollectNode, text: str) -> Move:
        """A wish, or other slots of the same subject: those are kept, and the question is asked once more, which is no failure."""
        if move := self._wished(scene, node, guessed_intent(scene, text, [*node.on, *node.set]), text):
            return move
        if fill(scene, [slot for slot in node.also if not scene.state.value(slot)], text):
            scene.progress()
            return self.ask_again(scene, node)
        return failed(scene, node)

    def _intent(self, scene: Scene, node: CollectNode, text: str) -> str:
        replies = [scene.everywhere.yes, scene.everywhere.no] if kind_of(scene, node.slot) == "yes_no" else []
        intent = phrase_intent(scene, text, [*node.on, *node.set, *replies])
        return "" if intent in replies else intent

    def _outweighs(self, scene: Scene, node: CollectNode, intent: str, text: str) -> bool:
        """Whether what the words wish for comes before the value that they could be."""
        kind = kind_of(scene, node.slot)
        if not intent or (kind == "text" and len(text.split()) > LONG_WORDS):
            return False
        if intent == scene.everywhere.person or kind in FREE:
            return True
        return kind not in SPELLED and intent not in node.on and intent not in node.set

    def _wished(self, scene: Scene, node: CollectNode, intent: str, text: str) -> Move | None:
        if intent in node.on:
            return follow(scene, node.on[intent], intent, text)
        if intent in node.set:
            return settle(scene, node, node.set[intent])
        return obey(scene, intent)

    # Keys, silence, and what is expected

    def keyed(self, scene: Scene, node: CollectNode, keys: str) -> Move:
        if scene.state.confirming and node.confirm:
            return reading_back.keyed(scene, node, node.confirm, keys)
        if keys in node.keys:
            scene.progress()
            return Go(node.keys[keys])
        return keyed_value(scene, node, keys)

    def silent(self, scene: Scene, node: CollectNode) -> Move:
        return failed(scene, node.confirm if scene.state.confirming and node.confirm else node, silent=True)

    def listen(self, scene: Scene, node: CollectNode) -> Listen:
        longest = scene.reader(node.slot).longest_keys
        if scene.state.confirming:
            return Listen(max(1, longest), "", "012", expected=Expected.YES_NO, knobs=node.turns)
        kind = kind_of(scene, node.slot)
        expected = Expected.DIGITS if kind in DIGITS else Expected.YES_NO if kind == "yes_no" else Expected.OPEN
        if longest <= 1:
            return Listen(1, "0", expected=expected, knobs=node.turns)
        menu, partial = "".join(("0", *node.keys)), scene.state.partial if kind in ROWS else ""
        enough = max(0, longest - len(partial)) if partial else 0
        return Listen(longest, "", menu, enough=enough, expected=expected, knobs=node.turns, secret=node.secret)

    def grasp(self, scene: Scene, node: CollectNode, text: str) -> Grasp:
        if scene.state.confirming and node.confirm:
            return reading_back.grasp(scene, node, text)
        if node.secret:
            return Grasp.COMPLETE if self._intent(scene, node, text) else Grasp.UNKNOWN
        reader, partial = scene.reader(node.slot), scene.state.partial
        if reader.unfinished(text, scene.context, partial):
            return Grasp.PARTIAL
        reading = reader.hear(text, scene.context, partial)
        whole = reading is not None and reading.verdict == "complete" and not self._may_go_on(scene, node, reading.value)
        if whole or self._intent(scene, node, text):
            return Grasp.COMPLETE
        wished = "" if reading else whole_request(scene, text, [*node.on, *node.set])
        return Grasp.COMPLETE if wished else Grasp.UNKNOWN

    def _may_go_on(self, scene: Scene, node: CollectNode, value: str) -> bool:
        """A number that could have more digits, and words without an end of their own."""
        longest = getattr(scene.agent.slots[node.slot], "longest", scene.reader(node.slot).longest_keys)
        kind = kind_of(scene, node.slot)
        return kind in FREE or (kind in DIGITS and len(value) < longest)
