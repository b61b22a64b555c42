"""Whether the caller asks for the same thing again: by the words that carry it, and by saying so ("I said …").

Function words, fillers, numbers and answers such as "yes" carry no request. Words that a recogniser may have misspelt count as the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

from agents.flows.words import normalise
from agents.nlu.slots.likeness import alike

ALIKE_FROM: Final = 0.6
"""Likeness from which two turns are the same request: of five words two may differ."""
SHARED: Final = 2
"""Words that both must hold, unless each is nothing but one: "order" is in many requests."""
_UNKNOWN_LANGUAGE_LETTERS: Final = 4
"""Where no list says which words carry nothing, the shorter ones do."""
_HERE: Final = Path(__file__).parent / "languages"


@dataclass(frozen=True, slots=True)
class Request:
    """What a turn of the caller is about."""

    words: frozenset[str] = field(default=frozenset(), repr=False)
    says_again: bool = False
    """In so many words: "I already told you"."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    light: str
    again: list[str]


@dataclass(frozen=True, slots=True)
class _Lists:
    light: frozenset[str]
    again: tuple[tuple[str, ...], ...]


@lru_cache
def _lists_of(language: str) -> _Lists | None:
    """None: there is no list of this language."""
    if language not in {path.stem for path in _HERE.glob("*.yaml")}:
        return None
    file = _File.model_validate(yaml.safe_load((_HERE / f"{language}.yaml").read_text("utf-8")))
    return _Lists(frozenset(file.light.split()), tuple(tuple(phrase.split()) for phrase in file.again))


def request_of(text: str, language: str = "en") -> Request:
    """``"Um, I said I want my order status, 4711!"`` is about ``{"order", "statu"}`` (plurals count as singular), said again."""
    words = normalise(text)
    lists = _lists_of(language.split("-")[0].lower())
    if lists is None:
        carrying = (word for word in words if len(word) >= _UNKNOWN_LANGUAGE_LETTERS)
        return Request(_singular(carrying))
    return Request(_singular(word for word in words if word not in lists.light), any(_holds(words, phrase) for phrase in lists.again))


def likeness(first: frozenset[str], second: frozenset[str]) -> float:
    """Share of the words that both hold (Dice's coefficient), 0 to 1; 0 when either holds none."""
    return 2 * _shared(first, second) / (len(first) + len(second)) if first and second else 0.0


def same(first: Request, second: Request) -> bool:
    """Whether both ask for the same thing."""
    close = likeness(first.words, second.words) >= ALIKE_FROM
    return close and (_shared(first.words, second.words) >= SHARED or len(first.words) == len(second.words) == 1)


def asked_before(earlier: Iterable[Request], now: Request) -> bool:
    """``earlier``: those of the turns before. True too where the caller says so, whatever it was."""
    return now.says_again or any(same(before, now) for before in earlier)


def _shared(first: frozenset[str], second: frozenset[str]) -> int:
    """Words that each holds of the other, perhaps in a misspelling; two spellings of one word count once."""
    return min(_held(first, second), _held(second, first))


def _held(words: frozenset[str], by: frozenset[str]) -> int:
    return sum(any(alike(word, other) > 0 or alike(other, word) > 0 for other in by) for word in words)


def _singular(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words if not word.isdigit())


def _holds(words: list[str], phrase: tuple[str, ...]) -> bool:
    return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words) - len(phrase) + 1))
