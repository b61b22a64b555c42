"""The words of a language that values are made of: one file per language in ``languages/``."""

from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml

from agents.nlu.slots.word_lists import LanguageFile

_HERE: Final = Path(__file__).parent / "languages"


def languages() -> list[str]:
    return sorted(path.stem for path in _HERE.glob("*.yaml"))


@lru_cache
def language_of(name: str) -> LanguageFile:
    """Raises ValueError for a language without a file."""
    if name not in languages():
        raise ValueError(
            f"no word list for values in language {name!r}: add agents/nlu/slots/languages/{name}.yaml (en.yaml shows the form)"
        )
    return LanguageFile.model_validate(yaml.load((_HERE / f"{name}.yaml").read_text("utf-8"), Loader=yaml.BaseLoader))  # noqa: S506 - no tags at all
