"""The words of a language that callers say while somebody else speaks: one file per language in ``languages/``."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict

_HERE: Final = Path(__file__).parent / "languages"

Phrase: TypeAlias = tuple[str, ...]

_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'"})
_WORD: Final = re.compile(r"\d+|[^\W\d_]+(?:['.-]+[^\W\d_]+)*")
_HUM: Final = re.compile(r"[aehmnou]+")
_HUMMED: Final = "hmn"
"""Letters that a recogniser writes one by one for a hum: ``H. M. M.``"""
_REPEATED: Final = re.compile(r"(.)\1+")


class Kind(Enum):
    ACK = "ack"
    FILLER = "filler"
    STOP = "stop"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    acks: list[str]
    misheard: list[str]
    fillers: list[str]
    stops: list[str]
    digits: list[str]


class Language:
    """``kinds`` by phrase, in the form that ``words_of`` gives."""

    def __init__(self, file: _File) -> None:
        self.kinds: Mapping[Phrase, Kind] = {
            **table(file.fillers, Kind.FILLER),
            **table(file.acks, Kind.ACK),
            **table(file.stops, Kind.STOP),
        }
        self.misheard = frozenset(words_of(phrase) for phrase in file.misheard)
        self.digits = frozenset(file.digits)


def table(phrases: Iterable[str], kind: Kind) -> dict[Phrase, Kind]:
    return {words: kind for phrase in phrases if (words := words_of(phrase))}


def languages() -> list[str]:
    """Those with a list of words."""
    return sorted(path.stem for path in _HERE.glob("*.yaml"))


@lru_cache
def lists_of(name: str) -> Language:
    """Raises ValueError for a language without a list."""
    if name not in languages():
        raise ValueError(f"no list of backchannels for language {name!r}; there are: {', '.join(languages())}")
    return Language(_File.model_validate(yaml.safe_load((_HERE / f"{name}.yaml").read_text("utf-8"))))


@lru_cache(maxsize=4096)
def words_of(text: str) -> Phrase:
    """``"M-hm. I'd, mmm, wait!"`` becomes ``("mhm", "i'd", "m", "wait")``: lower case, no marks, hums short, spelled hums joined."""
    words: list[str] = []
    spelling = False
    for found in _WORD.findall(text.lower().translate(_APOSTROPHES)):
        joined = found.replace("-", "").replace(".", "")
        for word in [joined] if _HUM.fullmatch(joined) else re.split(r"[.-]+", found):
            letter = len(word) == 1 and word in _HUMMED
            if letter and spelling:
                words[-1] = _short(words[-1] + word)
            else:
                words.append(_short(word))
            spelling = letter
    return tuple(words)


def _short(word: str) -> str:
    return _REPEATED.sub(r"\1", word) if _HUM.fullmatch(word) else word
