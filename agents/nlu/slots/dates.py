"""Days in a sentence: "tomorrow", "a week from Friday", "the 27th", "11/27"."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from agents.nlu.slots.calendar import CONTRADICTED, Day, by_day, by_month_day, by_weekday, month_later
from agents.nlu.slots.cardinals import expanded, value_of
from agents.nlu.slots.found_reader import FoundReader
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import DateSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import Found, apart, whole_words
from agents.nlu.slots.word_lists import DateRule
from agents.wording import FORMATS

_ISO: Final = whole_words(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_SHORT: Final = whole_words(r"([0-9]{1,2})[/.-]([0-9]{1,2})(?:[/.-]([0-9]{4}|[0-9]{2}))?")


@lru_cache
def _rules(language: str) -> tuple[tuple[DateRule, re.Pattern[str]], ...]:
    return tuple((rule, whole_words(expanded(rule.pattern, language))) for rule in language_of(language).dates.rules)


def dates_in(sentence: str, context: SlotContext, *, future: bool) -> list[Found]:
    """Every day in a sentence that ``said`` gave; with ``future`` none before today."""
    today = context.now.date()
    found: list[Found] = []

    def add(match: re.Match[str], day: Day | None, weak: bool = False) -> None:
        """A day that cannot be meant keeps its words, so that no shorter rule reads "the thirtieth" in "February thirtieth"."""
        if day is not None and not (future and day.day < today):
            found.append(Found(match.start(), match.end(), day.day.isoformat(), weak, day.confidence))
        elif not weak:
            found.append(Found(match.start(), match.end(), ""))

    for match in _ISO.finditer(sentence):
        add(match, by_month_day(today, int(match[2]), int(match[3]), int(match[1]) or None, future))
    for match in _SHORT.finditer(sentence):
        add(match, _short(match, today, context.language, future), weak="/" not in match[0])
    for rule, pattern in _rules(context.language):
        for match in pattern.finditer(sentence):
            try:
                add(match, _resolved(rule, match.groupdict(default=""), today, context.language, future), rule.weak)
            except (ValueError, OverflowError):
                continue
    return [item for item in apart(found) if item.value]


def _short(match: re.Match[str], today: date, language: str, future: bool) -> Day | None:
    first, second = int(match[1]), int(match[2])
    month, day = (first, second) if language_of(language).dates.order == "mdy" else (second, first)
    year = int(match[3]) + (2000 if len(match[3]) == 2 else 0) if match[3] else None
    return by_month_day(today, month, day, year or None, future) or by_month_day(today, day, month, year or None, future)


def _resolved(rule: DateRule, said: dict[str, str], today: date, language: str, future: bool) -> Day | None:
    words = language_of(language).dates
    if rule.days is not None:
        return Day(today + timedelta(days=rule.days))
    if said.get("count"):
        return _counted(rule, said, today, language)
    weekday = words.weekdays.get(said.get("weekday", ""))
    if said.get("day"):
        number = _day_number(said["day"], language)
        month = words.months.get(said.get("month", ""))
        year = _year(said["year"], language) if said.get("year") else None
        day = by_month_day(today, month, number, year, future) if month else by_day(today, number, rule.months, future)
        return Day(day.day, CONTRADICTED) if day and weekday is not None and day.day.weekday() != weekday else day
    if weekday is None:
        return None
    which = words.which.get(said.get("which", ""))
    day = by_weekday(today, weekday, which or "", future or bool(rule.weeks))
    return Day(day.day + timedelta(weeks=rule.weeks), day.confidence)


def _counted(rule: DateRule, said: dict[str, str], today: date, language: str) -> Day | None:
    words = language_of(language).dates
    count = int(value_of(said["count"], language)) * (-1 if rule.back else 1)
    base, name = today, said.get("base", "")
    if name in words.bases:
        base += timedelta(days=words.bases[name])
    elif name:
        base = by_weekday(today, words.weekdays[name], "upcoming", True).day
    if said["unit"] in words.month_units:
        return Day(month_later(base, count))
    return Day(base + timedelta(days=count * words.units[said["unit"]])) if said["unit"] in words.units else None


def _day_number(words: str, language: str) -> int:
    ordinals = language_of(language).dates.ordinals
    digits = re.match(r"[0-9]+", words)
    return ordinals.get(words) or (int(digits[0]) if digits else int(value_of(words, language)))


def _year(words: str, language: str) -> int | None:
    """``"2026"``, ``"twenty twenty six"``, ``"two thousand and five"``; None for what is no year of ours."""
    year = int(value_of(words, language))
    if year < 1000:
        parts = words.split()
        halves = [(value_of(" ".join(parts[:i]), language), value_of(" ".join(parts[i:]), language)) for i in range(1, len(parts))]
        year = next((int(a * 100 + b) for a, b in halves if a in (19, 20) and 10 <= b <= 99), 0)
    return year if 1900 <= year <= 2199 else None


class DateReader(FoundReader):
    longest_keys = 8

    def __init__(self, part: DateSlot) -> None:
        self._future = part.future

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        """``1127`` is November 27, ``11272026`` the same with its year, in the order of the language."""
        if not re.fullmatch(r"[0-9]{4}|[0-9]{8}", keys, re.ASCII):
            return None
        first, second = int(keys[:2]), int(keys[2:4])
        month, day = (first, second) if language_of(context.language).dates.order == "mdy" else (second, first)
        year = int(keys[4:]) if len(keys) == 8 else None
        if year is not None and not 1900 <= year <= 2199:
            return None
        found = by_month_day(context.now.date(), month, day, year, self._future)
        return None if found is None or (self._future and found.day < context.now.date()) else Reading(found.day.isoformat())

    def speak(self, value: str, language: str = "en") -> str:
        return FORMATS["date"](value, language)

    def _all(self, sentence: str, context: SlotContext) -> list[Found]:
        return dates_in(sentence, context, future=self._future)
