"""Which of the known intentions a sentence carries: phrases scored on normalised words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agents.flows.words import normalise
from agents.nlu.slots.likeness import alike

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


class Sentence:
    """Normalised words, and where those of a phrase are among them: looked up once for all phrases."""

    __slots__ = ("_alike", "_by_letter", "_places", "words")

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self._alike: dict[tuple[str, ...], dict[int, float]] = {}
        self._places: dict[str, list[int]] = {}
        self._by_letter: dict[str, list[str]] = {}
        for index, word in enumerate(words):
            if word not in self._places:
                self._by_letter.setdefault(word[:1], []).append(word)
            self._places.setdefault(word, []).append(index)

    def places(self, wanted: tuple[str, ...]) -> Mapping[int, float]:
        """Index of each word that fits one of ``wanted``, with its likeness."""
        found = self._alike.get(wanted)
        if found is None:
            found = self._alike[wanted] = {}
            for want in wanted:
                for word in self._by_letter.get(want[:1], ()):
                    if likeness := alike(word, want):
                        for index in self._places[word]:
                            found[index] = max(likeness, found.get(index, 0.0))
        return found


def score(phrase: Phrase, sentence: Sentence) -> float:
    """Weight of the phrase found in order within the sentence; 0 when less than COVERAGE of it was heard."""
    words = sentence.words
    if phrase.whole and len(words) > len(phrase.slots):
        return 0.0
    places: list[Mapping[int, float]] = []
    within_reach = phrase.weight
    for slot in phrase.slots:
        places.append(sentence.places(slot.words))
        if not places[-1] and not slot.optional:
            within_reach -= slot.weight
            if not _covers(within_reach, phrase):
                return 0.0
    starts = [0] if phrase.whole else sorted({index for found in places for index in found})
    best = max((_score_from(phrase, places, words, start) for start in starts), default=0.0)
    return best if _covers(best, phrase) else 0.0


def _covers(weight: float, phrase: Phrase) -> bool:
    return weight >= COVERAGE * phrase.weight - 1e-9


def _score_from(phrase: Phrase, places: Sequence[Mapping[int, float]], words: Sequence[str], start: int) -> float:
    """The first word of the phrase that is there at all stands at ``start``."""
    if _is_refused(words, start):
        return 0.0
    total, position, begun = 0.0, start, False
    for slot, found in zip(phrase.slots, places, strict=True):
        if not found:
            continue
        index = next((i for i in range(position, position + (MAX_GAP + 1 if begun else 1)) if i in found), None)
        if index is None:
            continue
        gap = index - position if begun else 0
        total += (0.0 if slot.optional else slot.weight * found[index]) - gap * GAP_COST
        position, begun = index + 1, True
    return total


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

    def score(self, sentence: Sentence, beginning: Callable[[int], Sentence]) -> float:
        """Best score of any phrase. ``beginning`` gives the first so many words of the sentence."""
        if not self.short_only or len(sentence.words) <= self.short_only:
            return max((score(phrase, sentence) for phrase in self.phrases), default=0.0)
        begin = beginning(self.short_only)
        return max((_score_at_start(phrase, begin) for phrase in self.phrases if not phrase.whole), default=0.0)


def _score_at_start(phrase: Phrase, sentence: Sentence) -> float:
    points = _score_from(phrase, [sentence.places(slot.words) for slot in phrase.slots], sentence.words, 0)
    return points if _covers(points, phrase) else 0.0


@lru_cache(maxsize=64)
def _sentence(text: str) -> Sentence:
    """The same text is asked about several times in a turn."""
    return Sentence(normalise(text))


def best_intent(text: str, intents: Mapping[str, Intent], candidates: Iterable[str]) -> str | None:
    """The candidate with the highest score (the more was said for it, the higher); the earlier one wins a tie; None without a match."""
    sentence, beginnings = _sentence(text), dict[int, Sentence]()

    def beginning(count: int) -> Sentence:
        if count not in beginnings:
            beginnings[count] = Sentence(sentence.words[:count])
        return beginnings[count]

    best, name = 0.0, None
    for candidate in candidates:
        points = intents[candidate].score(sentence, beginning)
        if points > best:
            best, name = points, candidate
    return name
