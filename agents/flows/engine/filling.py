"""Slots that a sentence fills beside what was asked."""

from collections.abc import Iterable
from typing import Final

from agents.flows.engine import trail
from agents.flows.engine.scene import Scene
from agents.nlu.slots import Reading

ENOUGH_DIGITS: Final = 3
"""Digits in a request ("where is order four five six…") from which on they count as the beginning of the number."""
ROWS: Final = frozenset({"digits", "phone"})
"""Kinds that are rows of digits: even half of one stands out in a sentence about something else."""
SPELLED: Final = ROWS | {"code", "email"}
"""Kinds whose whole value is no other sentence by chance."""
FREE: Final = frozenset({"name", "address", "text"})
"""Kinds of which nearly any sentence could be a value."""


def fill(scene: Scene, slots: Iterable[str], text: str) -> tuple[str, ...]:
    """Slots that ``text`` mentions get their value; those that the caller confirmed keep theirs. The names of the filled ones."""
    filled = []
    for slot in slots:
        if scene.state.slots.get(slot) and slot not in scene.state.unconfirmed:
            continue
        reading = scene.reader(slot).find(text, scene.context)
        if reading and reading.verdict == "complete":
            scene.keep(slot, reading.value, confirmed=False)
            filled.append(slot)
    trail.note_filled(scene, tuple(filled))
    return tuple(filled)


def stands_out(scene: Scene, slot: str, text: str) -> Reading | None:
    """The value of ``slot``, or the beginning of one, in a sentence that was no answer to the question for it."""
    reader = scene.reader(slot)
    if found := reader.find(text, scene.context):
        return found
    if kind_of(scene, slot) not in ROWS:
        return None
    reading = reader.hear(text, scene.context)
    return reading if reading and reading.verdict != "too_many" and len(reading.value) >= ENOUGH_DIGITS else None


def kind_of(scene: Scene, slot: str) -> str:
    return scene.agent.slots[slot].kind
