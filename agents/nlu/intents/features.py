"""What a sentence is made of, for a linear model: words and pairs of them, pieces of words, and how it sounds."""

from collections import Counter
from functools import lru_cache
from itertools import chain
from typing import Final, TypeAlias

from agents.flows.words import normalise
from agents.nlu.intents.language import Language, language

Features: TypeAlias = tuple[Counter[str], ...]
"""One count per view; each view is brought to the same length before they are joined."""

VIEW_WEIGHTS: Final = (1.0, 1.0, 0.5)
"""Of words, pieces, sounds. More for the sounds costs as much on typed sentences as it gains on recognised ones."""
_PIECES: Final = (2, 3, 4)
"""Letters; word ends count as one."""
_SOUNDS: Final = (3, 4, 5)
"""Letters of the sound spelling, across words: recognisers also err on where a word ends."""


class Extractor:
    """From a sentence to its features, in one language. What words are made of is kept, so one of them serves all models; any thread."""

    def __init__(self, language: Language) -> None:
        self._sounds = language.sounds
        self._pieces = lru_cache(maxsize=16_384)(_pieces)
        self._sound = lru_cache(maxsize=16_384)(self._spelt_as_it_sounds)

    def __call__(self, text: str) -> Features:
        words = normalise(text)
        if not words:
            return (Counter(), Counter(), Counter())
        pieces = chain.from_iterable(map(self._pieces, words))
        return Counter(_pairs(words)), Counter(pieces), Counter(_windows(f"_{''.join(map(self._sound, words))}_", _SOUNDS))

    def _spelt_as_it_sounds(self, word: str) -> str:
        for pattern, letters in self._sounds:
            word = pattern.sub(letters, word)
        return word


@lru_cache
def extractor(code: str) -> Extractor:
    """``code`` as in ISO 639-1. Raises LanguageError."""
    return Extractor(language(code))


@lru_cache
def background(code: str) -> tuple[Features, ...]:
    """The sentences that are nobody's intent. Raises LanguageError."""
    return tuple(map(extractor(code), language(code).background))


def _pairs(words: list[str]) -> list[str]:
    return [*words, *(f"{left} {right}" for left, right in zip(["<", *words], [*words, ">"], strict=True))]


def _pieces(word: str) -> list[str]:
    return _windows(f"_{word}_", _PIECES)


def _windows(text: str, sizes: tuple[int, ...]) -> list[str]:
    return [text[start : start + size] for size in sizes for start in range(len(text) - size + 1)]
