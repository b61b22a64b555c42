"""A sentence as rules search it, and the choice among the values found in it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agents.nlu.slots.language import language_of
from agents.nlu.slots.words import opened

_TERM: Final = re.compile(r"[0-9]+(?:[.,:/-][0-9]+)*|[^\W\d_]+|[$€£¥%@+]")
GAP: Final = "|"
"""Stands where a value of another kind was taken out: nothing goes on across it."""


@lru_cache(maxsize=512)
def said(text: str, language: str) -> str:
    """Words with single blanks; numerals keep the marks inside them: ``"It's $49.99!"`` becomes ``"it is $ 49.99"``."""
    hesitation = language_of(language).hesitation
    marks = language_of(language).dates.ordinal_marks
    terms: list[str] = []
    end = -1
    plain = opened(text, language)
    for found in _TERM.finditer(plain):
        if found[0] in marks and found.start() == end and terms[-1].isdigit():
            terms[-1] += found[0]
        elif found[0] not in hesitation:
            terms.append(found[0])
        end = found.end()
    return " ".join(terms)


def whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")


@dataclass(frozen=True, slots=True)
class Found:
    """A value in a sentence that ``said`` gave, from character ``start`` to ``end``."""

    start: int
    end: int
    value: str
    weak: bool = False
    """Only believed when the value was asked for."""
    confidence: float = 1.0


def apart(found: Iterable[Found]) -> list[Found]:
    """The longest first, without those that overlap a longer one; in the order of the sentence."""
    kept: list[Found] = []
    for item in sorted(found, key=lambda f: (f.start - f.end, f.weak, f.start)):
        if all(item.end <= other.start or item.start >= other.end for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda f: f.start)


def without(sentence: str, found: Iterable[Found]) -> str:
    """``sentence`` with a GAP for each of ``found``."""
    for item in sorted(apart(found), key=lambda f: -f.start):
        sentence = f"{sentence[: item.start]}{GAP}{sentence[item.end :]}"
    return sentence


def is_refused(sentence: str, item: Found, language: str) -> bool:
    """True right behind a "not": in "not Tuesday, Wednesday" the first."""
    file = language_of(language)
    words = sentence[: item.start].split()
    while words and words[-1] in file.between:
        words.pop()
    return any(words[-len(phrase) :] == phrase for phrase in map(str.split, file.refusing))


def meant(sentence: str, found: Sequence[Found], language: str) -> list[Found]:
    """Those that are not refused, and of these the ones behind the last change of mind."""
    restarts = language_of(language).restarts
    kept = [item for item in found if not is_refused(sentence, item, language)]
    for index in range(len(kept) - 1, 0, -1):
        between = f" {sentence[kept[index - 1].end : kept[index].start]} "
        if any(f" {' '.join(marker)} " in between for marker in restarts):
            return kept[index:]
    return kept
