"""Opening hours as data, and what can be said about them now."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.wording.formats import clock
from agents.wording.language import spoken_in

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_LANGUAGES: Final = Path(__file__).parent / "languages"


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
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {self.timezone!r}; use an IANA name and install the system's tzdata") from error

    def facts(self, now: datetime, language: str = "en") -> Mapping[str, str | bool]:
        """``open_now``; ``closes_at`` while open; ``opens_next`` ("tomorrow at nine") while closed, empty if never.

        In the words of ``language``. ``now`` must carry a time zone.
        """
        local = now.astimezone(self.zone()) if self.timezone else now
        for start, end in self._spans(local):
            if start <= local < end:
                return {"open_now": True, "closes_at": clock(end.time(), language), "opens_next": ""}
        upcoming = [start for day in range(8) for start, _ in self._spans(local + timedelta(days=day)) if start > local]
        return {"open_now": False, "closes_at": "", "opens_next": _when(local, upcoming[0], language) if upcoming else ""}

    def _spans(self, day: datetime) -> list[tuple[datetime, datetime]]:
        spans: tuple[str, ...] = getattr(self, DAYS[day.weekday()])
        return sorted((_at(day, time.fromisoformat(span[:5])), _at(day, time.fromisoformat(span[6:]))) for span in spans)


def _at(day: datetime, clock: time) -> datetime:
    return day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)


def _when(now: datetime, then: datetime, language: str) -> str:
    words = _words(language)
    days = (then.date() - now.date()).days
    phrase = {0: words.opens_today, 1: words.opens_tomorrow}.get(days, words.opens_on)
    return phrase.format(day=spoken_in(language).days[then.weekday()], time=clock(then.time(), language))


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    opens_today: str
    opens_tomorrow: str
    opens_on: str


@lru_cache
def _words(language: str) -> _Words:
    return _Words.model_validate(yaml.safe_load((_LANGUAGES / f"{language}.yaml").read_text("utf-8")))


def languages() -> list[str]:
    """Those in which opening hours can be said."""
    return sorted(path.stem for path in _LANGUAGES.glob("*.yaml"))
