"""A question about several slots at once: yes, no, or "no, Tuesday", which corrects the slot that it fits."""

from collections.abc import Iterable
from typing import Final

from agents.endpointing.evidence import Grasp
from agents.flows.acts import Listen
from agents.flows.definition import CollectNode, ConfirmNode
from agents.flows.engine import trail
from agents.flows.engine.asides import is_aside, wish_around
from agents.flows.engine.changes import asked_away, change_of_mind, names_slot
from agents.flows.engine.failing import failed
from agents.flows.engine.filling import FREE, kind_of
from agents.flows.engine.global_commands import obey
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.recognition import agrees, guessed_intent, phrase_intent, whole_request
from agents.flows.engine.scene import Scene
from agents.flows.engine.wishes import follow
from agents.nlu.slots import Reading
from agents.turns.events import Expected

TURNED_BY_NO: Final = frozenset({"choice", "yes_no"})
"""Kinds of which a no alone can mean the other value: not where it answers a question about several slots."""


class Confirming:
    def enter(self, scene: Scene, node: ConfirmNode, text: str) -> Move:
        trail.put(scene)
        return self.ask_again(scene, node)

    def ask_again(self, scene: Scene, node: ConfirmNode) -> Stop:
        return Stop(scene.said(node.ask, "ask"))

    def heard(self, scene: Scene, node: ConfirmNode, text: str) -> Move:
        if not text.strip():
            return failed(scene, node)
        everywhere = scene.everywhere
        intent = self._intent(scene, node, text) or wish_around(scene, node.change, text, ())
        if intent != everywhere.person and not is_aside(scene, text, intent):
            if changed := self._changed(scene, node, text, refused=intent == everywhere.no):
                return self._go_on_behind(scene, node, changed)
            if slot := asked_away(scene, node.change, text):
                return self._ask_for(scene, node, slot)
            if change := change_of_mind(scene, text):
                return change
        intent = intent or guessed_intent(scene, text, node.on)
        if intent in node.on:
            return follow(scene, node.on[intent], intent, text)
        if intent == everywhere.yes:
            return follow(scene, node.yes, intent)
        if intent == everywhere.no:
            return follow(scene, node.no, intent)
        return obey(scene, intent) or failed(scene, node)

    def _intent(self, scene: Scene, node: ConfirmNode, text: str) -> str:
        return agrees(scene, text, phrase_intent(scene, text, [scene.everywhere.yes, scene.everywhere.no, *node.on]))

    def _changed(self, scene: Scene, node: ConfirmNode, text: str, *, refused: bool) -> dict[str, str]:
        """Slots to which ``text`` gives another value: those that it names, else those that stand out in it, else the likeliest one."""
        named = [slot for slot in node.change if names_slot(scene, text, slot)]
        found = self._read(scene, named, text, refused=refused) if named else {}
        if not found:
            found = {slot: reading for slot in node.change if (reading := scene.reader(slot).find(text, scene.context))}
        if not found:
            mended = self._read(scene, node.change, text, refused=refused, turning=False)
            likeliest = max(mended, key=lambda slot: mended[slot].confidence, default="")
            found = {likeliest: mended[likeliest]} if likeliest else {}
        slots = scene.state.slots
        return {slot: read.value for slot, read in found.items() if read.verdict == "complete" and read.value != slots.get(slot)}

    def _read(self, scene: Scene, slots: Iterable[str], text: str, *, refused: bool, turning: bool = True) -> dict[str, Reading]:
        """``turning``: a no turns a value round where there are but two."""
        readings = {}
        for slot in slots:
            current, reader = scene.state.slots.get(slot, ""), scene.reader(slot)
            reading = reader.find(text, scene.context)
            if reading is None and current and kind_of(scene, slot) not in FREE:
                refuses = refused and (turning or kind_of(scene, slot) not in TURNED_BY_NO)
                reading = reader.mend(current, text, scene.context, refused=refuses)
            if reading is not None:
                readings[slot] = reading
        return readings

    def _go_on_behind(self, scene: Scene, node: ConfirmNode, changed: dict[str, str]) -> Move:
        """The new values hold; the dialogue goes on behind the earliest of their questions, and so comes by here again."""
        places = [point.node for point in scene.state.trail]
        first = min(changed, key=lambda slot: places.index(node.change[slot]) if node.change[slot] in places else len(places))
        scene.progress()
        for slot, value in changed.items():
            scene.keep(slot, value)
            scene.state.answered -= {node.change[slot]}
        target = node.change[first]
        if target in places:
            trail.cut(scene, places.index(target))
        collect = scene.agent.nodes[target]
        assert isinstance(collect, CollectNode)  # noqa: S101 - checked when the agent is loaded
        return Go(collect.next)

    def _ask_for(self, scene: Scene, node: ConfirmNode, slot: str) -> Move:
        scene.progress()
        scene.forget([slot])
        return Go(node.change[slot])

    def keyed(self, scene: Scene, node: ConfirmNode, keys: str) -> Move:
        if keys in ("1", "2"):
            scene.progress()
            return Go(node.yes if keys == "1" else node.no)
        return failed(scene, node)

    def silent(self, scene: Scene, node: ConfirmNode) -> Move:
        return failed(scene, node, silent=True)

    def listen(self, scene: Scene, node: ConfirmNode) -> Listen:
        return Listen(1, "0", expected=Expected.YES_NO, knobs=node.turns)

    def grasp(self, scene: Scene, node: ConfirmNode, text: str) -> Grasp:
        whole = self._intent(scene, node, text) or self._changed(scene, node, text, refused=False) or whole_request(scene, text, node.on)
        return Grasp.COMPLETE if whole else Grasp.UNKNOWN
