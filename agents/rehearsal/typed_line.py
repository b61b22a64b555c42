"""What somebody types for a caller: words, ``#123`` for keys, ``[silence]`` for nothing at all."""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

_KEYS: Final = re.compile(r"#\s*([0-9*A-D](?:[0-9*A-D \-]*[0-9*A-D])?)\s*#?")
_SILENCE: Final = frozenset({"[silence]", "[silent]", "[nothing]"})


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Keys:
    keys: str
    """Without the ``#`` that ends an entry."""


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller says nothing for the no-input time."""


Input: TypeAlias = Words | Keys | Silence


def plain_keys(text: str) -> str:
    """``"10 482#"`` becomes ``"10482"``. Raises ValueError for what no telephone has."""
    keys = re.sub(r"[\s-]", "", text).removesuffix("#")
    if not re.fullmatch(r"[0-9*A-D]+", keys):
        raise ValueError(f"{text!r} are no keys of a telephone; use 0-9 and *")
    return keys


def read_line(line: str) -> Input:
    """``#123`` and ``# 10 482 #`` are keys, ``[silence]`` is silence; everything else is said."""
    text = line.strip()
    if text.lower() in _SILENCE:
        return Silence()
    if match := _KEYS.fullmatch(text):
        return Keys(plain_keys(match[1]))
    return Words(text)
