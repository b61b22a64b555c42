"""What a language brings along: sentences that are nobody's intent, and spellings that sound alike; ``languages/<code>.yaml``."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

_FOLDER: Final = Path(__file__).parent / "languages"


class LanguageError(Exception):
    """There are no usable lists for a language."""


class Language(BaseModel):
    """``sounds``: pattern and replacement, applied to a lower-case word in this order; what a telephone does not tell apart becomes one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    background: tuple[str, ...]
    sounds: tuple[tuple[re.Pattern[str], str], ...]

    @field_validator("sounds", mode="before")
    @classmethod
    def _compile(cls, value: list[str]) -> tuple[tuple[re.Pattern[str], str], ...]:
        pairs = [line.partition(" -> ") for line in value]
        if bad := [left for left, arrow, _ in pairs if not arrow]:
            raise ValueError(f"{bad[0]!r} is not of the form 'pattern -> letters'")
        return tuple((re.compile(left), right.strip("'")) for left, _, right in pairs)


@lru_cache
def language(code: str) -> Language:
    """``code`` as in ISO 639-1. Raises LanguageError."""
    path = _FOLDER / f"{code}.yaml"
    if not code.isalpha() or not path.is_file():
        known = ", ".join(sorted(file.stem for file in _FOLDER.glob("*.yaml")))
        raise LanguageError(f"no intents can be learnt in the language {code!r}; add {path.name} to {_FOLDER.name}/ or use one of: {known}")
    try:
        return Language.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader))  # noqa: S506 - plain strings only
    except (yaml.YAMLError, ValidationError, re.error) as error:
        raise LanguageError(f"{path}: {error}") from error
