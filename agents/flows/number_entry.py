"""What a caller's words or keys do to a number that is being collected: pure decisions, without texts."""

from dataclasses import dataclass
from typing import Final, Literal

from agents.flows.corrections import mend
from agents.flows.definition import SlotPart
from agents.flows.digits import hear_digits
from agents.flows.words import normalise

Verdict = Literal["none", "partial", "complete", "too_many"]

_DANGLING: Final = frozenset(
    ["is", "number", "and", "the", "my", "its", "it", "a", "order", "reference", "code", "with", "for", "double", "triple", "i", "am"]
)
"""A sentence that ends in one of these is likely to go on."""


@dataclass(frozen=True, slots=True)
class Entry:
    verdict: Verdict
    digits: str = ""


def judge(slot: SlotPart, digits: str) -> Entry:
    if not digits:
        return Entry("none")
    if len(digits) < slot.shortest:
        return Entry("partial", digits)
    return Entry("complete" if len(digits) <= slot.longest else "too_many", digits)


def spoken(slot: SlotPart, text: str, partial: str) -> Entry:
    """Digits in ``text``, put behind those already heard unless the caller started again."""
    whole = hear_digits(text, slot.shortest, slot.longest)
    fixed = slot.shortest == slot.longest
    if not partial or (fixed and len(whole.digits) == slot.longest):
        return judge(slot, whole.digits)
    if (mended := mend(partial, text)) is not None:
        return judge(slot, mended)
    if whole.restarted:
        return judge(slot, whole.digits)
    rest = hear_digits(text, max(1, slot.shortest - len(partial)), slot.longest - len(partial))
    if not rest.digits:
        return Entry("none")
    return judge(slot, partial + rest.digits)


def corrected(slot: SlotPart, candidate: str, text: str, refused: bool) -> Entry:
    """What a sentence after the read-back makes of ``candidate``; ``complete`` with the same digits confirms it.

    ``refused``: the sentence says no.
    """
    mended = mend(candidate, text)
    if mended is not None and mended != candidate:
        return Entry("complete", mended)
    heard = hear_digits(text, slot.shortest, slot.longest)
    words = normalise(text)
    if slot.longest > len(candidate) and words[:1] in (["and"], ["then"], ["plus"]) and heard.digits:
        return judge(slot, candidate + heard.digits)
    entry = judge(slot, heard.digits)
    if entry.verdict == "partial" and (len(entry.digits) < 2 or not refused):
        return Entry("none")
    return entry


def is_unfinished(slot: SlotPart, text: str, partial: str) -> bool:
    """True when the number in ``text`` is half said, or is about to be said."""
    words = normalise(text)
    if not words:
        return False
    entry = spoken(slot, text, partial)
    return entry.verdict == "partial" or (entry.verdict == "none" and words[-1] in _DANGLING)
