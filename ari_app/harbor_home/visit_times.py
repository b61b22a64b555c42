"""When a technician comes. Pure; times are the shop's own, without a zone."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

DAYS_AHEAD: Final = 28
"""The last day that can be booked, counted from today; the first is tomorrow."""
TECHNICIANS: Final = 2

_SATURDAY: Final = 5
_WEEK: Final = (time(9), time(11), time(13), time(15))
_ON_SATURDAY: Final = (time(9), time(11))


def visits_of(day: date) -> tuple[time, ...]:
    """Monday to Friday four a day, two on Saturday, none on Sunday."""
    if day.weekday() > _SATURDAY:
        return ()
    return _ON_SATURDAY if day.weekday() == _SATURDAY else _WEEK


def refusal(at: datetime, now: datetime) -> str:
    """Why nobody comes at that time, whoever is free: ``past``, ``not_offered``, or empty."""
    if at.date() <= now.date():
        return "past"
    if (at.date() - now.date()).days > DAYS_AHEAD or at.time() not in visits_of(at.date()):
        return "not_offered"
    return ""


def free_times(now: datetime, full: Collection[datetime], *, first: date | None = None, after: time | None = None) -> Iterator[datetime]:
    """In order, from ``first`` on; ``after``: only at that time of the day or later."""
    day = max(first or now.date(), now.date() + timedelta(days=1))
    while (day - now.date()).days <= DAYS_AHEAD:
        for hour in visits_of(day):
            at = datetime.combine(day, hour)
            if at not in full and (after is None or hour >= after):
                yield at
        day += timedelta(days=1)
