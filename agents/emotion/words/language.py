"""The phrases of one language, from the files of ``languages/<code>/``."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.emotion.signs import State
from agents.emotion.words.cues import Kinds
from agents.emotion.words.phrases import Classes, Phrase, PhraseError, Span, compile_phrase, word_classes
from agents.emotion.words.sentence import BLEEP, Line, Wording, masked

_FOLDER: Final = Path(__file__).parent / "languages"
_SPLIT: Final = re.compile(r"[\s|_?~=^$*#<>0-9]+")
Weights = dict[State, Annotated[float, Field(ge=-1, le=1)]]
"""How far a sign alone moves a level. One below 0 speaks against the state."""


class LanguageError(ValueError):
    """The files of a language cannot be used."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(Section):
    """One pattern as written. Several phrases say the same: it counts once however many are found."""

    states: Weights = Field(default_factory=dict)
    valence: Annotated[float, Field(ge=-1, le=1)] | None = None
    """None: what follows from ``states``."""
    arousal: Annotated[float, Field(ge=-1, le=1)] | None = None
    graded: bool = False
    """Words of degree before it (``very``, ``a bit``) make it stronger or weaker."""
    negated: Weights | None = None
    """What "not" before it makes of it; None: nothing is left of it."""
    plain: bool = False
    """"not" before it changes nothing."""
    phrases: tuple[str, ...]


class Degrees(Section):
    """Words before a sign that change it, with spaces between them, as in classes."""

    stronger: str = ""
    weaker: str = ""
    negating: str = ""
    between: str = ""
    """May stand between a negating word and the sign."""
    polite: tuple[str, ...] = ()
    """Phrases by which a mild sign becomes milder."""


class File(Section):
    classes: dict[str, str] = Field(default_factory=dict)
    spellings: dict[str, str] = Field(default_factory=dict)
    degrees: Degrees | None = None
    slots: dict[str, str] = Field(default_factory=dict)
    """This and the next two as ``cues.Kinds``: by name, words with spaces between them."""
    groups: dict[str, str] = Field(default_factory=dict)
    roles: dict[str, str] = Field(default_factory=dict)
    look_alikes: dict[str, Entry] = Field(default_factory=dict)
    """Hide their words from all other patterns."""
    patterns: dict[str, Entry] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pattern:
    name: str
    entry: Entry
    phrases: tuple[Phrase, ...]


class Lexicon:
    """Patterns that are looked up by the words of a line."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._by_key: dict[str, list[tuple[int, Phrase]]] = {}
        for index, pattern in enumerate(self.patterns):
            for phrase in pattern.phrases:
                for each in phrase.keys:
                    self._by_key.setdefault(each, []).append((index, phrase))

    def find(self, line: Line) -> Iterator[tuple[Pattern, tuple[Span, ...]]]:
        """In the order of the files, each pattern with where its phrases stand."""
        found: dict[int, set[Span]] = {}
        for each in line.keys:
            for index, phrase in self._by_key.get(each, ()):
                if span := phrase.find(line.text):
                    found.setdefault(index, set()).add(span)
        for index in sorted(found):
            yield self.patterns[index], tuple(sorted(found[index], key=lambda span: (span.start, -span.end)))


@dataclass(frozen=True, slots=True)
class Language:
    wording: Wording
    look_alikes: Lexicon
    lexicon: Lexicon
    stronger: re.Pattern[str]
    """This and the next two are searched for in what stands before a sign."""
    weaker: re.Pattern[str]
    negation: re.Pattern[str]
    polite: tuple[Phrase, ...]
    kinds: Kinds

    def is_polite(self, line: Line) -> bool:
        return any(phrase.find(line.text) for phrase in self.polite if not phrase.keys.isdisjoint(line.keys))

    def apart(self, line: Line) -> tuple[list[Pattern], Line]:
        """The look-alikes of a line, and the line without their words."""
        found = [pattern for pattern, _ in self.look_alikes.find(line)]
        return found, masked(line, tuple(phrase for pattern in found for phrase in pattern.phrases))


@lru_cache
def language_of(code: str, folder: Path = _FOLDER) -> Language | None:
    """None for a language without files. Raises LanguageError."""
    paths = sorted((folder / code).glob("*.yaml"), key=lambda path: (path.stem != "classes", path.stem)) if code.isalpha() else []
    return _language(paths) if paths else None


def _language(paths: Iterable[Path]) -> Language:
    files = {path: _file(path) for path in paths}
    classes = word_classes({name: text for file in files.values() for name, text in file.classes.items()})
    spellings = {word: to for file in files.values() for word, to in file.spellings.items()}
    degrees = next((file.degrees for file in files.values() if file.degrees), Degrees())
    return Language(
        Wording(spellings, _vocabulary(files.values(), classes)),
        Lexicon(_compiled(((path, file.look_alikes) for path, file in files.items()), classes)),
        Lexicon(_compiled(((path, file.patterns) for path, file in files.items()), classes)),
        _before(degrees.stronger, classes),
        _before(degrees.weaker, classes),
        _before(degrees.negating, classes, degrees.between),
        tuple(compile_phrase(phrase, classes) for phrase in degrees.polite),
        _kinds(files.values()),
    )


def _kinds(files: Iterable[File]) -> Kinds:
    slots: dict[str, str] = {}
    groups: dict[str, tuple[str, ...]] = {}
    roles: dict[str, frozenset[str]] = {}
    for file in files:
        slots |= {word: f"<{name}>" for name, words in file.slots.items() for word in words.split()}
        roles |= {name: frozenset(words.split()) for name, words in file.roles.items()}
        for name, words in file.groups.items():
            for word in words.split():
                groups[word] = (*groups.get(word, ()), f"{{{name}}}")
    return Kinds(slots, groups, roles)


def _file(path: Path) -> File:
    try:
        return File.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise LanguageError(f"{path}: {error}") from error


def _compiled(sections: Iterable[tuple[Path, dict[str, Entry]]], classes: Classes) -> Iterator[Pattern]:
    for path, entries in sections:
        for name, entry in entries.items():
            try:
                yield Pattern(name, entry, tuple(compile_phrase(phrase, classes) for phrase in entry.phrases))
            except PhraseError as error:
                raise LanguageError(f"{path}: {name}: {error}") from error


def _before(words: str, classes: Classes, between: str = "") -> re.Pattern[str]:
    """Finds one of ``words`` at the end of a text, with any of ``between`` behind it."""
    listed = word_classes({**{name: " ".join(held) for name, held in classes.items()}, "words": words, "between": between})
    first, then = ("|".join(sorted(word.replace("_", " ") for word in listed[name])) for name in ("words", "between"))
    return re.compile(rf"(?<!\S)(?:{first or '(?!)'}) (?:(?:{then or '(?!)'}) ){{0,3}}$")


def _vocabulary(files: Iterable[File], classes: Classes) -> frozenset[str]:
    phrases = (phrase for file in files for entry in (*file.patterns.values(), *file.look_alikes.values()) for phrase in entry.phrases)
    members = (word for held in classes.values() for word in held)
    return frozenset(word for text in (*phrases, *members, BLEEP) for word in _SPLIT.split(text) if word)
