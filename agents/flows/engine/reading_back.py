"""A value was read back: confirmed, refused, or mended ("no, seven four")."""

from agents.endpointing.evidence import Grasp
from agents.flows.definition import CollectNode, ConfirmPart
from agents.flows.engine.asides import is_aside, wish_around
from agents.flows.engine.changes import change_of_mind
from agents.flows.engine.failing import failed, give_up
from agents.flows.engine.filling import SPELLED, fill, kind_of
from agents.flows.engine.global_commands import obey
from agents.flows.engine.moves import Move, Stop
from agents.flows.engine.recognition import agrees, guessed_intent, phrase_intent, whole_request
from agents.flows.engine.scene import Scene
from agents.flows.engine.taking import read_back, settle, take
from agents.flows.engine.wishes import follow
from agents.nlu.slots import Reading


def ask_again(scene: Scene, confirm: ConfirmPart) -> Stop:
    return Stop(scene.said(confirm.ask, "confirm"))


def heard(scene: Scene, node: CollectNode, confirm: ConfirmPart, text: str) -> Move:
    if not text.strip():
        return failed(scene, confirm)
    if change := change_of_mind(scene, text):
        return change
    everywhere, candidate = scene.everywhere, scene.state.candidate
    intent = _intent(scene, node, text) or wish_around(scene, [node.slot], text, ())
    refused = intent == everywhere.no
    aside = kind_of(scene, node.slot) not in SPELLED and is_aside(scene, text, intent)
    reading = scene.reader(node.slot).mend(candidate, text, scene.context, refused=refused)
    if reading and reading.verdict == "complete" and intent != everywhere.person and not aside:
        if reading.value != candidate:
            fill(scene, node.also, text)
            return read_back(scene, node, reading.value, corrected=True)
        if not refused:
            return _confirmed(scene, node, text)
    if intent == everywhere.yes:
        return _confirmed(scene, node, text)
    if refused:
        return _rejected(scene, node, confirm, reading)
    intent = intent or guessed_intent(scene, text, node.on)
    if intent in node.on:
        return follow(scene, node.on[intent], intent, text)
    return obey(scene, intent) or failed(scene, confirm)


def _intent(scene: Scene, node: CollectNode, text: str) -> str:
    return agrees(scene, text, phrase_intent(scene, text, [scene.everywhere.yes, scene.everywhere.no, *node.on]))


def keyed(scene: Scene, node: CollectNode, confirm: ConfirmPart, keys: str) -> Move:
    if keys == "1":
        return _confirmed(scene, node, "")
    if keys == "2":
        return _rejected(scene, node, confirm, None)
    reading = scene.reader(node.slot).keyed(keys, scene.context)
    if reading and reading.verdict == "complete":
        return read_back(scene, node, reading.value)
    return failed(scene, confirm)


def grasp(scene: Scene, node: CollectNode, text: str) -> Grasp:
    reading = scene.reader(node.slot).mend(scene.state.candidate, text, scene.context, refused=False)
    whole = reading is not None and reading.verdict == "complete"
    return Grasp.COMPLETE if whole or _intent(scene, node, text) or whole_request(scene, text, node.on) else Grasp.UNKNOWN


def _confirmed(scene: Scene, node: CollectNode, text: str) -> Move:
    if text:
        fill(scene, node.also, text)
    return settle(scene, node, scene.state.candidate)


def _rejected(scene: Scene, node: CollectNode, confirm: ConfirmPart, reading: Reading | None) -> Move:
    state = scene.state
    state.confirming, state.candidate = False, ""
    if node.slot in state.unconfirmed:
        scene.forget([node.slot])
    scene.progress()
    if scene.set_back():
        return give_up(scene)
    if reading and reading.verdict == "partial":
        return take(scene, node, reading)
    return Stop(scene.said(confirm.rejected, "rejected"))
