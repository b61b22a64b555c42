"""Word lists of one language, from ``languages/<code>.yaml``."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

_FOLDER: Final = Path(__file__).parent / "languages"
_CLASS: Final = re.compile(r"<([a-z]+)>")


class LanguageError(Exception):
    """There are no usable word lists for a language."""


class Language(BaseModel):
    """``classes``: words by what they need after them; a word may stand in several. Patterns match lower-case words without marks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    classes: dict[str, frozenset[str]]
    clitics: tuple[str, ...]
    """Endings that stand for an auxiliary: ``'ll``."""
    question_words: frozenset[str]
    verbs: frozenset[str]
    """Finite or auxiliary forms, and common verbs: a sentence that holds none of them is a phrase."""
    subordinators: frozenset[str]
    openers: frozenset[str]
    """Words that may stand before a sentence without belonging to it."""
    answers: frozenset[str]
    """Whole answers to a yes/no question, without marks."""
    digits: frozenset[str]
    dictated: re.Pattern[str]
    """Searched for in the agent's question: what it asks for is told piece by piece, and no piece sounds like the last."""
    breaks_off: tuple[re.Pattern[str], ...]
    """Searched for at the end of the words: what follows is missing."""
    rounds_off: tuple[re.Pattern[str], ...]
    """Searched for at the end of the words: nothing need follow."""

    @field_validator("classes", mode="before")
    @classmethod
    def _split_classes(cls, value: dict[str, str]) -> dict[str, frozenset[str]]:
        return {name: frozenset(words.split()) for name, words in value.items()}

    @field_validator("question_words", "verbs", "subordinators", "openers", "digits", mode="before")
    @classmethod
    def _split(cls, value: str) -> frozenset[str]:
        return frozenset(value.split())

    @field_validator("dictated", mode="before")
    @classmethod
    def _compile_one(cls, value: str) -> re.Pattern[str]:
        return re.compile(value, re.IGNORECASE)

    @field_validator("breaks_off", "rounds_off", mode="before")
    @classmethod
    def _compile(cls, value: list[str], info: ValidationInfo) -> tuple[re.Pattern[str], ...]:
        classes: dict[str, frozenset[str]] = info.data.get("classes", {})

        def spelt_out(found: re.Match[str]) -> str:
            return f"(?:{'|'.join(map(re.escape, sorted(classes[found[1]])))})"

        return tuple(re.compile(f"(?:^|(?<= ))(?:{_CLASS.sub(spelt_out, pattern)})$") for pattern in value)


@lru_cache
def language(code: str) -> Language:
    """``code`` as in ISO 639-1. Raises LanguageError."""
    path = _FOLDER / f"{code}.yaml"
    if not code.isalpha() or not path.is_file():
        raise LanguageError(
            f"no word lists for the language {code!r}; there are: {', '.join(sorted(p.stem for p in _FOLDER.glob('*.yaml')))}"
        )
    try:
        return Language.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader))  # noqa: S506 - plain strings only
    except (yaml.YAMLError, ValidationError, re.error, KeyError) as error:
        raise LanguageError(f"{path}: {error}") from error
