"""Which of the known intentions a sentence carries: phrases scored on normalised words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agents.flows.words import alike, normalise

COVERAGE: Final = 0.75
"""Share of a phrase's weight that must be heard."""
MAX_GAP: Final = 2
"""Foreign words allowed between two words of a phrase."""
GAP_COST: Final = 0.1
"""Weight lost for each of them."""
LIGHT: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "to",
        "my",
        "me",
        "i",
        "is",
        "it",
        "of",
        "in",
        "on",
        "for",
        "you",
        "your",
        "do",
        "does",
        "at",
        "be",
        "with",
        "some",
        "any",
        "and",
        "that",
    ]
)
"""Words that carry little meaning and that recognisers drop; they weigh LIGHT_WEIGHT, all others 1."""
LIGHT_WEIGHT: Final = 0.3


@dataclass(frozen=True, slots=True)
class Slot:
    """One position of a phrase: the words that fit it, its weight, and whether it may be absent."""

    words: tuple[str, ...]
    weight: float
    optional: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """``speak|talk to a? person``: ``|`` separates alternatives, ``?`` marks an optional word, a leading ``=``

    means nothing else is said.
    """

    slots: tuple[Slot, ...]
    whole: bool
    weight: float


@lru_cache(maxsize=4096)
def compile_phrase(text: str) -> Phrase:
    """Raises ValueError for a phrase without words."""
    whole = text.startswith("=")
    slots = tuple(_slot(part) for part in text.lstrip("=").split())
    weight = sum(slot.weight for slot in slots if not slot.optional)
    if weight <= 0:
        raise ValueError(f"the phrase {text!r} has no word that must be said")
    return Phrase(slots, whole, weight)


def _slot(part: str) -> Slot:
    optional = part.endswith("?")
    words = tuple(part.rstrip("?").lower().split("|"))
    if not all(word.isalpha() for word in words):
        raise ValueError(f"{part!r} is not a word; write contractions out (that is) and only letters, '|' and '?'")
    light = all(word in LIGHT for word in words)
    return Slot(words, LIGHT_WEIGHT if light else 1.0, optional)


def score(phrase: Phrase, words: Sequence[str]) -> float:
    """Weight of the phrase found in order within ``words``; 0 when less than COVERAGE of it was heard."""
    if phrase.whole and len(words) > len(phrase.slots):
        return 0.0
    starts = range(min(len(words), 1)) if phrase.whole else range(len(words))
    best = max((_score_from(phrase, words, start) for start in starts), default=0.0)
    return best if best >= COVERAGE * phrase.weight - 1e-9 else 0.0


def _score_from(phrase: Phrase, words: Sequence[str], start: int) -> float:
    if _is_refused(words, start):
        return 0.0
    total, position, begun = 0.0, start, False
    for slot in phrase.slots:
        window = MAX_GAP + 1 if begun else 1
        found, likeness = _find(slot, words, position, window)
        if found is None:
            continue
        gap = found - position if begun else 0
        total += (0.0 if slot.optional else slot.weight * likeness) - gap * GAP_COST
        position, begun = found + 1, True
    return total


def _find(slot: Slot, words: Sequence[str], position: int, window: int) -> tuple[int | None, float]:
    for index in range(position, min(position + window, len(words))):
        likeness = max(alike(words[index], wanted) for wanted in slot.words)
        if likeness:
            return index, likeness
    return None, 0.0


_BETWEEN: Final = frozenset({"to", "for", "a", "an", "the", "any", "with", "speak", "talk", "be", "connected", "transferred"})


def _is_refused(words: Sequence[str], start: int) -> bool:
    """True after "do not want", "do not need to" and the like; "why can I not speak to a person" is no refusal."""
    before = list(words[max(0, start - 7) : start])
    while before and before[-1] in _BETWEEN:
        before.pop()
    return len(before) >= 2 and before[-2] in {"not", "no"} and before[-1] in {"want", "need", "wish", "like"}


@dataclass(frozen=True, slots=True)
class Intent:
    name: str
    phrases: tuple[Phrase, ...]
    short_only: int = 0
    """When positive, phrases count only at the start of the sentence or in one of at most this many words."""

    def score(self, words: Sequence[str]) -> float:
        """Best score of any phrase."""
        heard = words
        if self.short_only and len(words) > self.short_only:
            heard = words[: self.short_only]
            return max((_score_from(p, heard, 0) for p in self.phrases if not p.whole and _covered(p, heard)), default=0.0)
        return max((score(phrase, heard) for phrase in self.phrases), default=0.0)


def _covered(phrase: Phrase, words: Sequence[str]) -> bool:
    return _score_from(phrase, words, 0) >= COVERAGE * phrase.weight - 1e-9


def best_intent(text: str, intents: Mapping[str, Intent], candidates: Iterable[str]) -> str | None:
    """The candidate with the highest score (the more was said for it, the higher); the earlier one wins a tie; None without a match."""
    words = normalise(text)
    best, name = 0.0, None
    for candidate in candidates:
        points = intents[candidate].score(words)
        if points > best:
            best, name = points, candidate
    return name
