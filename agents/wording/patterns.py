"""The regular expressions of a language by which values are found in running text; compiled once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agents.wording.language import Abbreviation, Spoken, spoken_in

EMAIL: Final = re.compile(r"(?<![\w.@])[\w.+-]*\w@\w[\w-]*(?:\.[\w-]*\w)+")
URL: Final = re.compile(
    r"(?<![\w@.])(?:https?://|ftp://|www\.)[^\s<>\"')\]]+|(?<![\w@.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|dev|edu|gov|co\.uk|de|eu)\b(?:/[^\s<>\"')\]]*)?"
)
_DAY: Final = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_MOMENT: Final = r"[T ]([0-9]{2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
ISO: Final = re.compile(rf"(?<![\w.-]){_DAY}(?:{_MOMENT})?(?![\w-])")
SLASH_DATE: Final = re.compile(r"(?<![\w/.])([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})(?![\w/])")
CLOCK: Final = re.compile(r"(?<![\w:.])([01]?[0-9]|2[0-3]):([0-5][0-9])(?::[0-5][0-9])?(?![\w:])")
CLOCK_RANGE: Final = re.compile(r"(?<=[0-9]:[0-9]{2})\s?-\s?(?=[0-9]{1,2}:[0-9]{2})")
PHONE: Final = re.compile(
    r"(?<![\w.,/+-])(?:\+[0-9]{1,3}[ .-]?)?(?:\([0-9]{1,5}\)[ .-]?)?[0-9]{2,15}(?:[ .-][0-9]{2,8})*(?![\w/]|[.,-][0-9])"
)
DOTTED: Final = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+){2,}(?![\w.]*[0-9])")
FRACTION: Final = re.compile(r"(?<![\w/.])(?:([0-9]{1,6}) )?([0-9]{1,3})/([0-9]{1,3})(?![\w/])")
RANGE: Final = re.compile(r"(?<![\w.-])([0-9]{1,6}(?:\.[0-9]+)?)\s?-\s?(?=[0-9]{1,6}(?:\.[0-9]+)?(?![\w-]*-))")
CODE: Final = re.compile(r"(?<![\w'])(?=[A-Za-z-]*[0-9])(?=[0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w])")
ROW: Final = re.compile(r"(?<![\w.,])(?:0[0-9]+|[0-9]{5,})(?![\w]|[.,][0-9])")
SIGNED: Final = re.compile(r"(?<![\w])-(?=[0-9.])")
HASH: Final = re.compile(r"#(?=[0-9])")
VERSION: Final = re.compile(r"(?<=[0-9])\.(?=[0-9])")
ANY_NUMBER: Final = re.compile(r"[0-9]+")


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


@dataclass(frozen=True, slots=True)
class Patterns:
    month_day: re.Pattern[str]
    day_month: re.Pattern[str]
    halfday: re.Pattern[str]
    halfday_range: re.Pattern[str]
    money: re.Pattern[str]
    money_behind: re.Pattern[str]
    unit: re.Pattern[str]
    ordinal: re.Pattern[str]
    number: re.Pattern[str]
    four: re.Pattern[str]
    short_forms: re.Pattern[str]
    spoken_forms: dict[str, list[Abbreviation]]


@lru_cache
def patterns_of(language: str) -> Patterns:
    """Raises ValueError for a language without a file."""
    words = spoken_in(language)
    big, point = re.escape(words.thousands_mark), re.escape(words.decimal_mark)
    number = rf"(?:[0-9]{{1,3}}(?:{big}[0-9]{{3}})+|[0-9]+)(?:{point}[0-9]+)?"
    month = _any([*words.months, *words.months_short])
    marks = _any(words.ordinal_marks)
    halves = _any([*words.am, *words.pm])
    signs = _any(words.signs)
    codes = _any([*words.currencies, *words.signs])
    sizes = rf"(?:\s?({_any(words.magnitudes)})(?!\w))?"
    return Patterns(
        month_day=re.compile(rf"(?<!\w)({month})\.?\s([0-9]{{1,2}})(?:{marks})?(?:,?\s([0-9]{{4}}))?(?![\w:]|[.,][0-9])"),
        day_month=re.compile(rf"(?<![\w.,:])([0-9]{{1,2}})(?:{marks}|\.)?\s(?:of\s)?({month})(?!\w)(?:,?\s([0-9]{{4}}))?(?![\w:])"),
        halfday=re.compile(rf"(?<![\w.:])([0-9]{{1,2}})(?::([0-5][0-9]))?\s?({halves})(?!\w)", re.I),
        halfday_range=re.compile(rf"(?<=[0-9]|\s)({halves})\s?-\s?(?=[0-9])", re.I),
        money=re.compile(rf"(?<!\w)({signs})\s?({number}){sizes}(?!\w)"),
        money_behind=re.compile(rf"(?<![\w.,])({number}){sizes}\s?({codes})(?!\w)"),
        unit=re.compile(rf"(?<![\w.,])({number})\s?({_any(words.units)})(?![\w°²])"),
        ordinal=re.compile(rf"(?<![\w.,])([0-9]{{1,6}}){marks}(?!\w)"),
        number=re.compile(rf"({number})"),
        four=re.compile(r"(?<![\w.,-])([0-9]{4})(s?)(?!\w|[.,][0-9])"),
        short_forms=_short_forms(words),
        spoken_forms=_by_short(words),
    )


def _by_short(words: Spoken) -> dict[str, list[Abbreviation]]:
    found: dict[str, list[Abbreviation]] = {}
    for item in words.abbreviations:
        found.setdefault(item.short, []).append(item)
    return found


def _short_forms(words: Spoken) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){_any({item.short for item in words.abbreviations})}(?!\w)")
