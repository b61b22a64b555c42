"""Words that change the meaning of a whole sentence: corrections, and joints between two requests. One file per language."""

import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

_HERE: Final = Path(__file__).parent / "languages"
_FALLBACK: Final = "en"


class TurnsOfSpeech(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    corrects: frozenset[str]
    """Announce that something told earlier was not right."""
    faulty: frozenset[str]
    """Say that a value is wrong, without a new one."""
    empty: frozenset[str]
    """Too common to stand for a slot that is called like them."""
    denies: frozenset[str]
    """What a sentence with one of these speaks of may well not be wanted."""
    joints: tuple[str, ...]
    """A second request may begin behind one of these."""

    @cached_property
    def joint(self) -> re.Pattern[str]:
        """Where a sentence may fall into two requests."""
        words = "|".join(re.escape(word) for word in sorted(self.joints, key=len, reverse=True))
        return re.compile(rf"[.;?!]|,? (?:{words})\b", re.IGNORECASE)


@lru_cache
def turns_of_speech(language: str) -> TurnsOfSpeech:
    """Those of ``language``; the English ones where it has no file: then little is taken for a correction."""
    path = _HERE / f"{language}.yaml"
    text = (path if language.isalpha() and path.exists() else _HERE / f"{_FALLBACK}.yaml").read_text("utf-8")
    return TurnsOfSpeech.model_validate(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - no tags at all
