"""From what was said of a day to the day itself. Pure calendar, no words."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

SURE: Final = 1.0
AMBIGUOUS: Final = 0.7
"""Confidence in "next Tuesday" said on a Monday: some mean tomorrow."""
CONTRADICTED: Final = 0.4
"""Confidence in "Friday the 27th" when that is no Friday."""


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    confidence: float = SURE


def by_weekday(today: date, weekday: int, which: Literal["upcoming", "next", "last", ""], future: bool) -> Day:
    """``weekday`` 0 is Monday. Without a direction: the coming one when ``future``, else the nearest."""
    ahead = (weekday - today.weekday()) % 7
    coming = today + timedelta(days=ahead)
    if which == "last":
        return Day(coming - timedelta(days=7))
    if which == "next":
        following = today + timedelta(days=weekday - today.weekday() + 7)
        soon = coming if ahead else coming + timedelta(days=7)
        return Day(following, SURE if following == soon else AMBIGUOUS)
    if which == "upcoming" or future or ahead <= 3:
        return Day(coming)
    return Day(coming - timedelta(days=7))


def by_month_day(today: date, month: int, day: int, year: int | None, future: bool) -> Day | None:
    """Without a year: the next one when ``future``, else the nearest. None for a day that no calendar has."""
    years = (year,) if year else range(today.year - 4, today.year + 5)
    days = [date(y, month, day) for y in years if 1 <= month <= 12 and 1 <= day <= monthrange(y, month)[1]]
    return _nearest(today, days, future and not year)


def by_day(today: date, day: int, months: int, future: bool) -> Day | None:
    """The ``day`` of this month, or of the one ``months`` later; without ``months`` the next or nearest that exists."""
    offsets = (months,) if months else range(-2, 3)
    days = [start.replace(day=day) for start in (month_later(today.replace(day=1), o) for o in offsets) if 1 <= day <= _length(start)]
    return _nearest(today, days, future)


def month_later(day: date, months: int) -> date:
    """The same day ``months`` later, or the last of that month. Raises ValueError beyond the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"the year {year} is in no calendar")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _length(start: date) -> int:
    return monthrange(start.year, start.month)[1]


def _nearest(today: date, days: list[date], future: bool) -> Day | None:
    fitting = [day for day in days if day >= today] if future else days
    return Day(min(fitting, key=lambda day: (abs((day - today).days), day < today))) if fitting else None
