"""Canonical values for the ear. A value that is not of the form named is spoken as it stands."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Final

from agents.wording.language import spoken_in
from agents.wording.numbers import cardinal, decimal, digits, ordinal, year

_AMOUNT: Final = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,2}))?(?: ?([A-Z]{3}))?", re.ASCII)
_NUMBER: Final = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,9}))?", re.ASCII)
_TIME: Final = re.compile(r"T?(\d\d):(\d\d)(?::\d\d.*)?", re.ASCII)


def spell(value: str, language: str) -> str:
    """``"B47"`` becomes "B, four, seven"."""
    small = spoken_in(language).small
    return ", ".join(small[int(c)] if c in "0123456789" else c.upper() for c in value if c.isalnum())


def speak_date(value: str, language: str) -> str:
    """``"2026-11-27"`` becomes "Friday, November twenty-seventh"."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    words = spoken_in(language)
    return words.date.format(weekday=words.days[day.weekday()], month=words.months[day.month - 1], day=ordinal(day.day, language))


def date_in_text(day: int, month: int, of_year: int | None, language: str) -> str:
    """(27, 11, 2026) becomes "November twenty-seventh, twenty twenty-six"."""
    words = spoken_in(language)
    parts = {"month": words.months[month - 1], "day": ordinal(day, language)}
    return words.date_in_text.format(**parts) if of_year is None else words.date_with_year.format(**parts, year=year(of_year, language))


def speak_time(value: str, language: str) -> str:
    """``"09:00"`` becomes "nine in the morning", ``"17:30"`` "five thirty in the afternoon"; noon and midnight have their names."""
    found = _TIME.fullmatch(value)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return value
    return clock(time(int(found[1]), int(found[2])), language)


def clock(at: time, language: str) -> str:
    words = spoken_in(language)
    if at.minute == 0 and at.hour in (0, 12):
        return words.noon if at.hour else words.midnight
    part = next(name for until, name in words.parts_of_day.items() if at.hour < until)
    minutes = cardinal(at.minute, language)
    if 0 < at.minute < 10:
        minutes = f"{words.minute_oh} {minutes}"
    return words.time.format(hour=cardinal(at.hour % 12 or 12, language), minutes=f" {minutes}" if at.minute else "", part=part)


def speak_datetime(value: str, language: str) -> str:
    """``"2026-11-27T14:30"`` becomes "Friday, November twenty-seventh at two thirty in the afternoon"; either half may stand alone."""
    if _TIME.fullmatch(value):
        return speak_time(value, language)
    if len(value) <= 10:
        return speak_date(value, language)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    day, at = speak_date(moment.date().isoformat(), language), clock(moment.time(), language)
    return spoken_in(language).datetime.format(date=day, time=at)


def money(value: str, language: str) -> str:
    """``"49.99"`` becomes "forty-nine dollars and ninety-nine cents"; ``"20.00 EUR"`` "twenty euros"."""
    found = _AMOUNT.fullmatch(value.strip())
    words = spoken_in(language)
    code = (found[4] if found else None) or words.currency
    if not found or code not in words.currencies:
        return value
    name = words.currencies[code]
    whole, small = int(found[2]), int((found[3] or "0").ljust(2, "0"))
    coins = f"{cardinal(small, language)} {name.small_one if small == 1 else name.small_many}"
    notes = f"{cardinal(whole, language)} {name.one if whole == 1 else name.many}"
    minus = f"{words.minus} " if found[1] and (whole or small) else ""
    if not small:
        return minus + notes
    return minus + (f"{notes} {words.join} {coins}" if whole else coins)


def number(value: str, language: str) -> str:
    """``"1205"`` becomes "one thousand two hundred and five", ``"3.5"`` "three point five"."""
    found = _NUMBER.fullmatch(value.strip())
    if not found:
        return value
    minus = f"{spoken_in(language).minus} " if found[1] else ""
    return minus + (decimal(found[2], found[3], language) if found[3] else cardinal(int(found[2]), language))


def email(value: str, language: str) -> str:
    """``"anna.smith@example.com"`` becomes "anna dot smith at example dot com"."""
    words = spoken_in(language)
    marks = {".": words.dot, "@": words.at, "-": words.dash, "_": words.underscore, "+": words.plus, "/": words.slash}
    pieces = re.findall(r"[0-9]|[^\W\d_]+|.", value)
    return " ".join(words.small[int(p)] if p in "0123456789" else marks.get(p, p) for p in pieces if p.strip())


FORMATS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "digits": digits,
    "spell": spell,
    "date": speak_date,
    "time": speak_time,
    "datetime": speak_datetime,
    "money": money,
    "number": number,
    "email": email,
}
"""By the name that a template uses: ``{order_number|digits}``. Each takes a canonical value and a language."""
