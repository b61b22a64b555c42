"""How a language speaks numbers, dates and signs: one file per language in ``languages/``."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

_HERE: Final = Path(__file__).parent / "languages"


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Currency(Section):
    one: str
    many: str
    small_one: str
    small_many: str


class Abbreviation(Section):
    short: str = Field(min_length=2)
    spoken: str
    when: Literal["always", "before_capital", "after_capital", "before_number"] = "always"


class Spoken(Section):
    """See languages/en.yaml, which explains each key by its values."""

    small: Annotated[tuple[str, ...], Field(min_length=20, max_length=20)]
    tens: Annotated[tuple[str, ...], Field(min_length=10, max_length=10)]
    tens_join: str
    irregular: dict[int, str] = Field(default_factory=dict, description="Numbers whose name follows no rule.")
    hundred: str
    scales: dict[int, str]
    join: str
    point: str
    minus: str
    to: str
    thousands_mark: str
    decimal_mark: str
    ordinal_of: dict[str, str]
    ordinal_marks: tuple[str, ...]
    fraction_plural: str
    halves: dict[int, tuple[str, str]]
    months: Annotated[tuple[str, ...], Field(min_length=12, max_length=12)]
    months_short: Annotated[tuple[str, ...], Field(min_length=12, max_length=12)]
    days: Annotated[tuple[str, ...], Field(min_length=7, max_length=7)]
    date_order: Literal["mdy", "dmy"]
    date: str
    date_in_text: str
    date_with_year: str
    year_after: frozenset[str]
    digits_after: frozenset[str]
    digits_link: frozenset[str]
    year_hundred: str
    year_oh: str
    midnight: str
    noon: str
    minute_oh: str
    parts_of_day: dict[int, str]
    time: str
    datetime: str
    am: tuple[str, ...]
    pm: tuple[str, ...]
    currency: str
    currencies: dict[str, Currency]
    signs: dict[str, str]
    magnitudes: dict[str, str]
    units: dict[str, tuple[str, str]]
    signs_spoken: dict[str, str]
    dot: str
    at: str
    dash: str
    underscore: str
    slash: str
    plus: str
    number_sign: str
    abbreviations: tuple[Abbreviation, ...]


def languages() -> list[str]:
    return sorted(path.stem for path in _HERE.glob("*.yaml"))


@lru_cache
def spoken_in(language: str) -> Spoken:
    """Raises ValueError for a language without a file."""
    if language not in languages():
        raise ValueError(
            f"no word list for speaking language {language!r}: add agents/wording/languages/{language}.yaml (en.yaml shows the form)"
        )
    text = (_HERE / f"{language}.yaml").read_text("utf-8")
    return Spoken.model_validate(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - knows no tags
