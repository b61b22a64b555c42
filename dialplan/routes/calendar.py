"""Opening hours and holidays: whether a moment is open, in words, and in the pieces that GotoIfTime() can compare."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from dialplan.errors import DialplanError

from .targets import Part

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SPAN: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")
_DAY_MINUTES: Final = 24 * 60

Minutes = tuple[int, int, int]
"""Day of the week (0 is Monday), first and last minute of the day that belong to it."""


def _span(text: str) -> str:
    match = _SPAN.fullmatch(text)
    if match is None or text[:5] == text[6:]:
        raise ValueError(f'\'{text[:20]}\' is no span of hours; write it as "09:00-17:30", or "22:00-06:00" across midnight')
    return text


def _zone(name: str) -> str:
    if name:
        zone(name)
    return name


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """Return the time zone of this IANA name.

    Raises:
        ValueError: this machine does not know it.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+/-]{1,60}", name):
        raise ValueError(f"'{name[:40]}' is no time zone; use an IANA name such as Europe/London")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"the time zone '{name}' is not known here; use an IANA name such as Europe/London, or install tzdata") from error


Span = Annotated[str, AfterValidator(_span)]
ZoneName = Annotated[str, AfterValidator(_zone)]
Spans = tuple[Span, ...]


class Hours(Part):
    """Spans of the week that are open. A span across midnight belongs to the day it begins on; its end is not open any more."""

    timezone: ZoneName = Field("", description="IANA name; empty: that of the file.")
    weekdays: Spans = Field((), description="Monday to Friday, for those of them that are not given themselves.")
    weekend: Spans = Field((), description="Saturday and Sunday, for those of them that are not given themselves.")
    monday: Spans | None = None
    tuesday: Spans | None = None
    wednesday: Spans | None = None
    thursday: Spans | None = None
    friday: Spans | None = None
    saturday: Spans | None = None
    sunday: Spans | None = None

    def of(self, weekday: int) -> Spans:
        """Return the spans that begin on this day of the week (0 is Monday)."""
        own: Spans | None = getattr(self, DAYS[weekday])
        return own if own is not None else self.weekdays if weekday < 5 else self.weekend

    def pieces(self) -> tuple[Minutes, ...]:
        """Return the open minutes, each piece within one day; the part after midnight stands right behind the one before it."""
        found: list[Minutes] = []
        for weekday in range(7):
            for span in self.of(weekday):
                first, end = _minute(span[:5]), _minute(span[6:])
                if end > first:
                    found.append((weekday, first, end - 1))
                else:
                    found.append((weekday, first, _DAY_MINUTES - 1))
                    if end:
                        found.append(((weekday + 1) % 7, 0, end - 1))
        return tuple(found)

    def open_at(self, local: datetime) -> tuple[int, str] | None:
        """Return the day and the span that a moment of local time lies in; None when it is closed."""
        for back in (0, 1):
            weekday = (local.weekday() - back) % 7
            for span in self.of(weekday):
                first, end = _minute(span[:5]), _minute(span[6:])
                minute = local.hour * 60 + local.minute + back * _DAY_MINUTES
                if first <= minute < (end if end > first else end + _DAY_MINUTES):
                    return weekday, span
        return None

    def words(self) -> str:
        """Return the week in words: ``Monday to Friday 09:00-17:30; Saturday 10:00-14:00``."""
        groups: list[tuple[int, int, Spans]] = []
        for weekday in range(7):
            spans = self.of(weekday)
            if groups and groups[-1][2] == spans and groups[-1][1] == weekday - 1:
                groups[-1] = (groups[-1][0], weekday, spans)
            else:
                groups.append((weekday, weekday, spans))
        told = [f"{_days(first, last)} {' and '.join(spans)}" for first, last, spans in groups if spans]
        return ", ".join(told) or "never"


def _days(first: int, last: int) -> str:
    return DAYS[first].title() if first == last else f"{DAYS[first].title()} to {DAYS[last].title()}"


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def clock(minute: int) -> str:
    """Return a minute of the day as HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


_DATED: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARLY: Final = re.compile(r"[0-9]{2}-[0-9]{2}")
_LIST: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


def check_holiday(text: str) -> str:
    """Return ``text`` when it is a day, a range of days or the name of a list.

    Raises:
        ValueError: it is not.
    """
    first, dots, last = text.partition("..")
    if _LIST.fullmatch(text):
        return text
    kind = next((kind for kind in (_DATED, _YEARLY) if kind.fullmatch(first)), None)
    if kind is None or (dots and not kind.fullmatch(last)):
        raise ValueError(f"'{text[:40]}' is no day; write 12-25 (every year), 2026-12-24, a range 12-24..01-02, or the name of a list")
    for day in (first, last) if dots else (first,):
        _check_day(day)
    if dots and kind is _DATED and last < first:
        raise ValueError(f"'{text}' ends before it begins; write the earlier day first")
    return text


def _check_day(text: str) -> None:
    try:
        if _DATED.fullmatch(text):
            date.fromisoformat(text)
        elif not (1 <= int(text[:2]) <= 12 and 1 <= int(text[3:]) <= _MONTH_DAYS[int(text[:2]) - 1]):
            raise ValueError
    except ValueError:
        raise ValueError(f"there is no day {text}; correct month and day") from None


Holiday = Annotated[str, AfterValidator(check_holiday)]


def expand(holidays: tuple[str, ...], lists: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    """Return each day or range with the list that it comes from, empty for none.

    Raises:
        DialplanError: there is no list of that name.
    """
    found: list[tuple[str, str]] = []
    for entry in holidays:
        if entry[0].isdigit():
            found.append((entry, ""))
        elif entry in lists:
            found += [(day, entry) for day in lists[entry]]
        else:
            raise DialplanError(f"There is no list of holidays '{entry}'. Add it to holidays, or correct the name.")
    return tuple(dict.fromkeys(found))


def falls_on(holiday: str, day: date) -> bool:
    """Tell whether a day or a range holds this day."""
    first, _, last = holiday.partition("..")
    last = last or first
    if _DATED.fullmatch(first):
        return first <= day.isoformat() <= last
    here = f"{day.month:02d}-{day.day:02d}"
    return first <= here <= last if first <= last else here >= first or here <= last


def is_yearly(holiday: str) -> bool:
    """Tell whether it comes every year."""
    return holiday[2] == "-"


def month_pieces(holiday: str) -> tuple[tuple[int, int, int], ...]:
    """Return a yearly day or range as month (1 is January), first and last day in it."""
    first, _, last = holiday.partition("..")
    last = last or first
    month, until = int(first[:2]), int(last[:2])
    months = [month]
    while month != until or (len(months) == 1 and last < first):
        month = month % 12 + 1
        months.append(month)
    found = []
    for index, number in enumerate(months):
        begin = int(first[3:]) if index == 0 else 1
        end = int(last[3:]) if index == len(months) - 1 else _MONTH_DAYS[number - 1]
        found.append((number, begin, end))
    return tuple(found)


def local_time(at: datetime, name: str) -> datetime:
    """Return a moment on the clocks of this time zone."""
    return at.astimezone(zone(name))
