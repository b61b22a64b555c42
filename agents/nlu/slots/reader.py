"""The seam of a slot: what a caller's words or keys make of its value. Pure decisions, without texts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Verdict = Literal["complete", "partial", "too_many"]


@dataclass(frozen=True, slots=True)
class SlotContext:
    """``now`` carries a time zone: it is the caller's day that "tomorrow" is counted from."""

    now: datetime
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Reading:
    """``value`` is canonical when the verdict is ``complete``; else what there is of it."""

    value: str
    verdict: Verdict = "complete"
    confidence: float = 1.0
    """From 0 to 1: below 0.5 it was guessed from words that merely sound alike."""


class SlotReader(Protocol):
    """One per slot of a flow. Every method raises ValueError for a language without a word list, and nothing else."""

    longest_keys: int
    """Most keys that a keyed value has; 0: it cannot be keyed."""

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        """The value in an answer to the question for it. ``so_far``: the value of an earlier ``partial`` reading."""
        ...

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """The value where nobody asked for it: only when it stands out, always ``complete``."""
        ...

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        """What a sentence after the read-back makes of ``current``; the same value confirms it. ``refused``: the sentence says no."""
        ...

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        """The value of pressed keys, ``0`` to ``9`` and ``*``."""
        ...

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        """True when the value is half said, or is about to be said."""
        ...

    def speak(self, value: str, language: str = "en") -> str:
        """The value for the ear."""
        ...
