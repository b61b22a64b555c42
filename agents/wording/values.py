"""Dates, times and money in running text, written out as they are spoken."""

import re
from datetime import date, time

from agents.wording.formats import clock, date_in_text, money
from agents.wording.language import spoken_in
from agents.wording.numbers import cardinal, decimal
from agents.wording.patterns import CLOCK, CLOCK_RANGE, ISO, SLASH_DATE, patterns_of

_OLDEST_SHORT_YEAR = 70
"""A year of two digits from here on is of the last century."""


def write_dates(text: str, language: str) -> str:
    words, patterns = spoken_in(language), patterns_of(language)

    def iso(found: re.Match[str]) -> str:
        day = _day(int(found[3]), int(found[2]), int(found[1]), language)
        if not day or found[4] is None or int(found[4]) > 23 or int(found[5]) > 59:
            return day or found[0]
        return words.datetime.format(date=day, time=clock(time(int(found[4]), int(found[5])), language))

    def slashed(found: re.Match[str]) -> str:
        first, second, of_year = int(found[1]), int(found[2]), int(found[3])
        of_year += 0 if len(found[3]) == 4 else 1900 if of_year >= _OLDEST_SHORT_YEAR else 2000
        day, month = (second, first) if words.date_order == "mdy" else (first, second)
        return _day(day, month, of_year, language) or _day(month, day, of_year, language) or found[0]

    def named(day: str, month: str, of_year: str | None, whole: str) -> str:
        number = words.months.index(month) if month in words.months else words.months_short.index(month)
        return _day(int(day), number + 1, int(of_year) if of_year else None, language) or whole

    text = SLASH_DATE.sub(slashed, ISO.sub(iso, text))
    text = patterns.month_day.sub(lambda found: named(found[2], found[1], found[3], found[0]), text)
    return patterns.day_month.sub(lambda found: named(found[1], found[2], found[3], found[0]), text)


def _day(day: int, month: int, of_year: int | None, language: str) -> str:
    """Empty for a day that no calendar has."""
    try:
        date(of_year or 2000, month, day)
    except ValueError:
        return ""
    return date_in_text(day, month, of_year, language)


def write_times(text: str, language: str) -> str:
    words, patterns = spoken_in(language), patterns_of(language)

    def halfday(found: re.Match[str]) -> str:
        hour, minute = int(found[1]), int(found[2] or 0)
        if not 1 <= hour <= 12:
            return found[0]
        later = found[3].lower() in words.pm
        spoken = clock(time(hour % 12 + (12 if later else 0), minute), language)
        return spoken + ("." if found[3].endswith(".") and _ends_sentence(found) else "")

    text = patterns.halfday_range.sub(rf"\1 {words.to} ", CLOCK_RANGE.sub(f" {words.to} ", text))
    return CLOCK.sub(lambda found: clock(time(int(found[1]), int(found[2])), language), patterns.halfday.sub(halfday, text))


def _ends_sentence(found: re.Match[str]) -> bool:
    rest = found.string[found.end() :].lstrip()
    return not rest or rest[0].isupper()


def write_money(text: str, language: str) -> str:
    words, patterns = spoken_in(language), patterns_of(language)

    def spoken(number: str, size: str | None, code: str) -> str:
        whole, _, places = number.replace(words.thousands_mark, "").partition(words.decimal_mark)
        currency = words.signs.get(code, code)
        if not size and len(places) <= 2 and len(whole) <= 12:
            return money(f"{whole}.{places or '0'} {currency}", language)
        counted = decimal(whole, places, language) if places else cardinal(int(whole), language)
        return " ".join(filter(None, (counted, words.magnitudes[size] if size else "", words.currencies[currency].many)))

    text = patterns.money.sub(lambda found: spoken(found[2], found[3], found[1]), text)
    return patterns.money_behind.sub(lambda found: spoken(found[1], found[2], found[3]), text)
