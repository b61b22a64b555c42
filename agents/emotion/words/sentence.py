"""A recogniser's transcript as a line of plain words in which phrases are looked for."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agents.emotion.words.phrases import Phrase, key
from agents.flows.words import normalise
from agents.nlu.slots.likeness import edits

MAX_WORDS: Final = 120
"""What comes after is left out: nobody says more in one breath, and time must stay bounded."""
BLEEP: Final = "bleeped"
"""Stands for a swear word that the recogniser has masked."""
MASK: Final = "·"
"""Stands for words that only look like a sign."""
_SLIP: Final = 8
"""Letters from which a word may be taken for another of its language that a recogniser or a writer has slightly missed."""
_LONG_SLIP: Final = 11
"""And from which two letters of it may be missed."""
_MASKED: Final = re.compile(r"\b[a-z]?\*{2,}[a-z]*|\[(?:expletive|bleep|censored|beep)\]")
_NOT: Final = re.compile(r"\b(had|were|must|need|might|ai)n['’]?t\b")
_WONT: Final = re.compile(r"\bwont\b")


@dataclass(frozen=True, slots=True)
class Line:
    words: tuple[str, ...]
    text: str
    """The words with a space after each."""
    keys: frozenset[str]


def line_of(words: tuple[str, ...]) -> Line:
    return Line(words, "".join(f"{word} " for word in words), frozenset(map(key, words)))


class Wording:
    """How one language is brought into lines. ``spellings``: what a word becomes; ``vocabulary``: the words that phrases use."""

    def __init__(self, spellings: Mapping[str, str], vocabulary: frozenset[str]) -> None:
        self._spellings = {word: tuple(to.split()) for word, to in spellings.items()}
        self._vocabulary = vocabulary
        self._long: dict[tuple[str, int], list[str]] = {}
        for word in sorted(vocabulary):
            if len(word) >= _SLIP:
                self._long.setdefault((word[0], len(word)), []).append(word)
        self._word = lru_cache(maxsize=8192)(self._as_known)

    def line(self, text: str) -> Line:
        plain = _WONT.sub("will not", _NOT.sub(r"\1 not", _MASKED.sub(f" {BLEEP} ", text.lower())))
        words: list[str] = []
        for word in normalise(plain)[:MAX_WORDS]:
            words += self._word(word)
        return line_of(tuple(words[:MAX_WORDS]))

    def _as_known(self, heard: str) -> tuple[str, ...]:
        word = _without_accents(heard)
        if word in self._spellings:
            return self._spellings[word]
        if word in self._vocabulary:
            return (word,)
        if f"{word}g" in self._vocabulary and word.endswith("in"):
            return (f"{word}g",)
        return (self._slip(word) or word,)

    def _slip(self, heard: str) -> str:
        """Another long word with the same first letter that is one edit away, two when both are very long; empty without one."""
        for length in sorted(range(len(heard) - 2, len(heard) + 3), key=lambda each: abs(each - len(heard))):
            limit = 1 if length < _LONG_SLIP else 2
            for word in self._long.get((heard[0], length), ()):
                if edits(heard, word, limit) <= limit:
                    return word
        return ""


def _without_accents(word: str) -> str:
    """``qué`` becomes ``que``; the ñ, a letter of its own, stays."""
    if word.isascii():
        return word
    parts = (letter if letter == "ñ" else unicodedata.normalize("NFD", letter)[0] for letter in unicodedata.normalize("NFC", word))
    return "".join(parts)


def masked(line: Line, look_alikes: tuple[Phrase, ...]) -> Line:
    """Without what only looks like a sign: ``emergency exit``, ``no problem``."""
    text = line.text
    for phrase in look_alikes:
        if not phrase.keys.isdisjoint(line.keys):
            text = phrase.pattern.sub(f"{MASK} ", text)
    return line if text is line.text or text == line.text else line_of(tuple(text.split()))
