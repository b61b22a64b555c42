"""A change of mind about something told earlier: "actually the order number is one zero four eight two".

The slot is named ("the order number"), or a word of correction ("actually", "I meant") stands before a value that fits no slot but one.
The dialogue goes back to the collect node that asked for it. With a read-back the new value is read back there; without, it is taken and
the dialogue goes on behind that node: nodes that are filled are passed over, tools run again, branches decide anew. What was done for
good (``commits``, a payment) is never gone back behind.
"""

from collections.abc import Iterable

from agents.flows.definition import CollectNode
from agents.flows.engine import trail
from agents.flows.engine.filling import FREE, kind_of
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.recognition import phrase_intent
from agents.flows.engine.scene import Scene
from agents.flows.engine.turns_of_speech import turns_of_speech
from agents.flows.words import normalise


def change_of_mind(scene: Scene, text: str) -> Move | None:
    """What ``text`` changes about slots that were collected before the open question; None: nothing."""
    words = normalise(text)
    if not words or not scene.state.trail:
        return None
    marked = not turns_of_speech(scene.language).corrects.isdisjoint(words)
    found = [
        (index, node, value) for index, node in _collected(scene) if (value := _new_value(scene, node, text, words, marked)) is not None
    ]
    if not found or phrase_intent(scene, text, []) == scene.everywhere.person:
        return None
    named = [change for change in found if _names(scene, words, change[1].slot)]
    if named:
        return _change(scene, *named[0])
    return _change(scene, *found[0]) if marked and len(found) == 1 else None


def asked_away(scene: Scene, slots: Iterable[str], text: str) -> str:
    """The one of ``slots`` that ``text`` calls wrong without saying what is right: "change the day"; empty: none."""
    words = normalise(text)
    if turns_of_speech(scene.language).faulty.isdisjoint(words):
        return ""
    return next((slot for slot in slots if _names(scene, words, slot)), "")


def names_slot(scene: Scene, text: str, slot: str) -> bool:
    """Whether the words of the slot's name are in ``text``: "the visit day"."""
    return _names(scene, normalise(text), slot)


def _collected(scene: Scene) -> list[tuple[int, CollectNode]]:
    """Questions behind us whose slot has a value, the latest first; not the open one."""
    nodes, seen = [], {getattr(scene.node, "slot", "")}
    for index, point in reversed(list(enumerate(scene.state.trail))):
        node = scene.agent.nodes.get(point.node)
        if isinstance(node, CollectNode) and not node.secret and node.slot not in seen and scene.state.slots.get(node.slot):
            seen.add(node.slot)
            nodes.append((index, node))
    return nodes


def _new_value(scene: Scene, node: CollectNode, text: str, words: list[str], marked: bool) -> str | None:
    """Another value for the slot; empty: it is wrong and no other was said; None: no change."""
    named = _names(scene, words, node.slot)
    if not named and (not marked or _takes(scene, node.slot)):
        return None
    current = scene.state.slots[node.slot]
    reading = scene.reader(node.slot).find(text, scene.context)
    if reading is None and named and marked and kind_of(scene, node.slot) not in FREE:
        reading = scene.reader(node.slot).mend(current, text, scene.context, refused=True)
    if reading and reading.verdict == "complete":
        return reading.value if reading.value != current else None
    return "" if named and not turns_of_speech(scene.language).faulty.isdisjoint(words) else None


def _takes(scene: Scene, slot: str) -> bool:
    """Whether the open question could take the value itself, so that only naming the other slot makes it a correction."""
    own = getattr(scene.node, "slot", "")
    return not own or kind_of(scene, own) == kind_of(scene, slot) or kind_of(scene, own) in FREE


def _names(scene: Scene, words: list[str], slot: str) -> bool:
    """Whether the words of the slot's name are said, one after the other."""
    wanted = [part for part in slot.rsplit("__", 1)[-1].split("_") if part]
    if not wanted or turns_of_speech(scene.language).empty.issuperset(wanted):
        return False
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))


def _change(scene: Scene, index: int, node: CollectNode, value: str) -> Move:
    state = scene.state
    name = state.trail[index].node
    trail.cut(scene, index)
    scene.progress()
    scene.begin(name)
    if not value:
        scene.forget([node.slot])
        return Go(name)
    if node.confirm:
        state.candidate, state.confirming = value, True
        return Stop(scene.said(node.confirm.corrected, "corrected"))
    scene.keep(node.slot, value)
    trail.note_filled(scene, (node.slot,))
    state.answered |= {name}
    return Go(node.next, before=scene.said(scene.everywhere.corrected, "changed"))
