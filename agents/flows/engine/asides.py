"""A sentence that holds a value by chance: "do you work on Saturdays" where a day was asked for, or is read back."""

from collections.abc import Collection, Iterable
from typing import Final

from agents.flows.engine.filling import FREE, SPELLED, kind_of
from agents.flows.engine.recognition import guessed_intent, own_phrase
from agents.flows.engine.scene import Scene
from agents.flows.engine.turns_of_speech import turns_of_speech
from agents.flows.words import normalise

SURE: Final = 0.8
"""Confidence with which a wish outranks a value: in the whole sentence, and in what is left of it without the value."""
LARGE: Final = 0.5
"""A value of this share of the words or more is what the sentence is about."""


def wish_around(scene: Scene, slots: Iterable[str], text: str, own: Collection[str]) -> str:
    """The digression, or the one of ``own``, that ``text`` is about although it holds a value of one of ``slots``; empty: none."""
    among = [*own, *scene.agent.digressions]
    wish = guessed_intent(scene, text, among, everywhere=False, least=SURE)
    if not wish:
        return ""
    around = [words for slot in slots if kind_of(scene, slot) not in SPELLED | FREE and (words := _around(scene, slot, text))]
    same = all(guessed_intent(scene, " ".join(words), among, everywhere=False, least=SURE) == wish for words in around)
    return wish if around and same else ""


def is_aside(scene: Scene, text: str, intent: str) -> bool:
    """Whether ``intent`` is a question of the caller's in the middle of ours, and no answer or correction stands in the same sentence."""
    everywhere = scene.everywhere
    return (
        intent in scene.agent.digressions
        and turns_of_speech(scene.language).corrects.isdisjoint(normalise(text))
        and not own_phrase(scene, text, (everywhere.yes, everywhere.no))
    )


def _around(scene: Scene, slot: str, text: str) -> list[str]:
    """The words that the value in ``text`` does not need; none when there is no value, or when it is a large part of the sentence."""
    words, reader = text.split(), scene.reader(slot)
    reading = reader.hear(text, scene.context)
    if reading is None or reading.verdict != "complete":
        return []

    def holds(start: int, end: int) -> bool:
        other = reader.hear(" ".join(words[start:end]), scene.context)
        return other is not None and other.value == reading.value

    start, end = 0, len(words)
    while end - start > 1 and holds(start + 1, end):
        start += 1
    while end - start > 1 and holds(start, end - 1):
        end -= 1
    return [*words[:start], *words[end:]] if end - start < LARGE * len(words) else []
