"""Opening hours as data, and what can be said about them now."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_HOURS: Final = ["twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
_TEENS: Final = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS: Final = ["oh", "ten", "twenty", "thirty", "forty", "fifty"]
_UNITS: Final = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def _span(text: str) -> str:
    match = _SPAN.fullmatch(text)
    if not match or int(match[1]) > 23 or int(match[3]) > 23 or int(match[2]) > 59 or int(match[4]) > 59 or text[:5] >= text[6:]:
        raise ValueError(f'{text!r} is no span of one day; write it as "09:00-17:30"')
    return text


Span = Annotated[str, AfterValidator(_span)]


class Hours(BaseModel):
    """Spans of the week in which people work; a day without a span is closed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: str = Field("", description="IANA name such as Europe/Berlin; empty: the machine's own time.")
    monday: tuple[Span, ...] = ()
    tuesday: tuple[Span, ...] = ()
    wednesday: tuple[Span, ...] = ()
    thursday: tuple[Span, ...] = ()
    friday: tuple[Span, ...] = ()
    saturday: tuple[Span, ...] = ()
    sunday: tuple[Span, ...] = ()

    def zone(self) -> tzinfo | None:
        """Raises ValueError for a zone that this machine does not know."""
        if not self.timezone:
            return None
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown time zone {self.timezone!r}; use an IANA name and install the system's tzdata") from error

    def facts(self, now: datetime) -> Mapping[str, str | bool]:
        """``open_now``; ``closes_at`` while open; ``opens_next`` ("tomorrow at nine") while closed, empty if never.

        ``now`` must carry a time zone.
        """
        local = now.astimezone(self.zone()) if self.timezone else now
        for start, end in self._spans(local):
            if start <= local < end:
                return {"open_now": True, "closes_at": speak_time(end.time()), "opens_next": ""}
        upcoming = [start for day in range(8) for start, _ in self._spans(local + timedelta(days=day)) if start > local]
        return {"open_now": False, "closes_at": "", "opens_next": _when(local, upcoming[0]) if upcoming else ""}

    def _spans(self, day: datetime) -> list[tuple[datetime, datetime]]:
        spans: tuple[str, ...] = getattr(self, DAYS[day.weekday()])
        return sorted((_at(day, time.fromisoformat(span[:5])), _at(day, time.fromisoformat(span[6:]))) for span in spans)


def _at(day: datetime, clock: time) -> datetime:
    return day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)


def _when(now: datetime, then: datetime) -> str:
    days = (then.date() - now.date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"on {DAYS[then.weekday()].capitalize()}")
    return f"{day} at {speak_time(then.time())}"


def speak_time(clock: time) -> str:
    """``09:00`` is "nine in the morning", ``17:30`` is "five thirty in the afternoon"; noon and midnight have their names."""
    if clock.minute == 0 and clock.hour in (0, 12):
        return "midnight" if clock.hour == 0 else "noon"
    part = "in the morning" if clock.hour < 12 else "in the afternoon" if clock.hour < 18 else "in the evening"
    minutes = f" {_minutes(clock.minute)}" if clock.minute else ""
    return f"{_HOURS[clock.hour % 12]}{minutes} {part}"


def _minutes(value: int) -> str:
    tens, unit = divmod(value, 10)
    if tens == 1:
        return _TEENS[unit]
    return _TENS[tens] if unit == 0 else f"{_TENS[tens]} {_UNITS[unit]}" if tens == 0 else f"{_TENS[tens]}-{_UNITS[unit]}"
