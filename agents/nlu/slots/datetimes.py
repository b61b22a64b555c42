"""A day and a time, in one sentence or one after the other: "tomorrow at half past two"."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from agents.nlu.slots.dates import DateReader, dates_in
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import DateSlot, DateTimeSlot, TimeSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import Found, meant, said, without
from agents.nlu.slots.times import TimeReader, ahead_in, times_in
from agents.wording import FORMATS

_NOON: Final = 12
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)?(?:T(\d\d:\d\d))?", re.ASCII)


class DateTimeReader:
    """Canonical ``2026-11-27T14:30``; a partial value has only its day, or only its time."""

    longest_keys = 12

    def __init__(self, part: DateTimeSlot) -> None:
        self._future = part.future
        self._date = DateReader(DateSlot(kind="date", future=part.future))
        self._time = TimeReader(TimeSlot(kind="time"))

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        day, at = self._halves(text, context, strict=False)
        if day is None and at is None:
            return None
        old_day, old_time = _split(so_far)
        parts = [half for half in (day, at) if half]
        return self._joined(day.value if day else old_day, at.value if at else old_time, min(p.confidence for p in parts), context)

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """Both must be said."""
        day, at = self._halves(text, context, strict=True)
        if day is None or at is None:
            return None
        reading = self._joined(day.value, at.value, min(day.confidence, at.confidence), context)
        return reading if reading and reading.verdict == "complete" and reading == self.hear(text, context) else None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        """The half that is named changes, the other stays."""
        old_day, old_time = _split(current)
        day, at = self._halves(text, context, strict=False)
        if at is None or at.confidence < 1.0:
            rest = without(said(text, context.language), self._days(said(text, context.language), context))
            mended = self._time.mend(old_time, rest, context, refused=refused)
            at = Found(0, 0, mended.value, confidence=mended.confidence) if mended else None
        if day is None and at is None:
            return None
        return self._joined(day.value if day else old_day, at.value if at else old_time, 1.0, context)

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        """``11271430``: day, then time of 24 hours; ``112720261430`` with the year."""
        day, at = self._date.keyed(keys[:-4], context), self._time.keyed(keys[-4:], context)
        return self._joined(day.value, at.value, 1.0, context) if day and at else None

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = said(text, context.language).split()
        reading = self.hear(text, context, so_far)
        if words and words[-1] in language_of(context.language).between:
            return True
        return reading is not None and reading.verdict == "partial"

    def speak(self, value: str, language: str = "en") -> str:
        return FORMATS["datetime"](value, language)

    def _days(self, sentence: str, context: SlotContext) -> list[Found]:
        return dates_in(sentence, context, future=self._future)

    def _halves(self, text: str, context: SlotContext, *, strict: bool) -> tuple[Found | None, Found | None]:
        """Day and time that are meant. What is a day for certain is no time, and the reverse; ``strict``: nothing weak."""
        sentence = said(text, context.language)
        if (ahead := ahead_in(sentence, context)) and not (strict and ahead[0].weak):
            moment = ahead[1]
            day = Found(0, 0, moment.date().isoformat())
            return day, Found(0, 0, f"{moment:%H:%M}")
        days = self._days(sentence, context)
        rest = without(sentence, [day for day in days if not day.weak])
        hours = [item for item in times_in(rest, context.language) if not (strict and item.weak)]
        kept_hours = meant(rest, hours, context.language)
        left = without(rest, [item for item in hours if not item.weak])
        weak_days = [item for item in self._days(left, context) if item.weak and not strict]
        kept_days = meant(sentence, [d for d in days if not d.weak], context.language) or meant(left, weak_days, context.language)
        if strict and (len({d.value for d in kept_days}) > 1 or len({h.value for h in kept_hours}) > 1):
            return None, None
        day_found = min(kept_days, key=lambda item: item.weak, default=None)
        if day_found and day_found.weak:
            kept_hours = [item for item in kept_hours if not item.weak]
        return day_found, min(kept_hours, key=lambda item: item.weak, default=None)

    def _joined(self, day: str, at: str, confidence: float, context: SlotContext) -> Reading | None:
        if not (day and at):
            return Reading(day or f"T{at}", "partial", confidence)
        moment = datetime.combine(date.fromisoformat(day), time.fromisoformat(at), context.now.tzinfo)
        if self._future and moment <= context.now and confidence < 1.0 and moment.hour < _NOON:
            moment += timedelta(hours=_NOON)
        if self._future and moment <= context.now:
            return Reading(day, "partial", confidence)
        return Reading(f"{moment:%Y-%m-%dT%H:%M}", "complete", confidence)


def _split(value: str) -> tuple[str, str]:
    found = _DAY.fullmatch(value)
    return (found[1] or "", found[2] or "") if found else ("", "")
