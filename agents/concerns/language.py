"""The phrases of one language by which concerns are told, from ``languages/<code>.yaml``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.emotion.words.phrases import Classes, Phrase, PhraseError, compile_phrase, word_classes
from agents.emotion.words.sentence import Wording

_FOLDER: Final = Path(__file__).parent / "languages"
_SPLIT: Final = re.compile(r"[\s|_?~=^$*#<>0-9]+")


class LanguageError(ValueError):
    """The file of a language cannot be used."""


class Entry(BaseModel):
    """One pattern as written, under the concern that it tells of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    confidence: Annotated[float, Field(gt=0, le=1)]
    plain: bool = False
    """A negating word before it changes nothing."""
    phrases: tuple[str, ...]


class File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    classes: dict[str, str] = Field(default_factory=dict)
    spellings: dict[str, str] = Field(default_factory=dict)
    negating: str
    between: str
    """Words that may stand between a negating word and the phrase."""
    look_alikes: tuple[str, ...] = ()
    concerns: dict[str, dict[str, Entry]]


@dataclass(frozen=True, slots=True)
class Pattern:
    concern: str
    name: str
    confidence: float
    plain: bool
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Language:
    wording: Wording
    negation: re.Pattern[str]
    """Searched for in what stands before a phrase."""
    look_alikes: tuple[Phrase, ...]
    patterns: tuple[Pattern, ...]


@lru_cache
def language_of(code: str, folder: Path = _FOLDER) -> Language | None:
    """None for a language without a file. Raises LanguageError."""
    path = folder / f"{code}.yaml"
    if not code.isalpha() or not path.is_file():
        return None
    try:
        file = File.model_validate(yaml.safe_load(path.read_text("utf-8")))
        classes = word_classes(file.classes | {"negating": file.negating, "between": file.between})
        return Language(
            Wording(file.spellings, frozenset(_words(file))),
            _negation(classes),
            tuple(compile_phrase(phrase, classes) for phrase in file.look_alikes),
            tuple(_patterns(file, classes)),
        )
    except (yaml.YAMLError, ValidationError, PhraseError) as error:
        raise LanguageError(f"{path}: {error}") from error


def _patterns(file: File, classes: Classes) -> Iterator[Pattern]:
    for concern, entries in file.concerns.items():
        for name, entry in entries.items():
            phrases = tuple(compile_phrase(phrase, classes) for phrase in entry.phrases)
            yield Pattern(concern, name, entry.confidence, entry.plain, phrases)


def _negation(classes: Classes) -> re.Pattern[str]:
    first, then = ("|".join(sorted(word.replace("_", " ") for word in classes[name])) for name in ("negating", "between"))
    return re.compile(rf"(?<!\S)(?:{first}) (?:(?:{then}) ){{0,4}}$")


def _words(file: File) -> Iterator[str]:
    phrases = (phrase for entries in file.concerns.values() for entry in entries.values() for phrase in entry.phrases)
    for text in (*phrases, *file.look_alikes, *file.classes.values()):
        yield from (word for word in _SPLIT.split(text) if word)
