"""Times of day in a sentence: "half past two", "quarter to nine", "2:30 pm", "three in the afternoon", "noon"."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from agents.nlu.slots.cardinals import any_of, expanded, value_of
from agents.nlu.slots.digits import hear_digits
from agents.nlu.slots.found_reader import FoundReader
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import TimeSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import Found, apart, said, whole_words
from agents.nlu.slots.word_lists import TimeRule
from agents.wording import FORMATS

EARLIEST_BARE: Final = 8
"""An hour without a half of the day is from 8 in the morning to 7 in the evening."""
_UNSURE: Final = 0.7
_NIGHT_FROM: Final = 6
"""The hours of a clock's second round that people call night begin here."""
_DAY_MINUTES: Final = 24 * 60


@lru_cache
def _rules(language: str) -> tuple[tuple[TimeRule, re.Pattern[str]], ...]:
    times = language_of(language).times
    rules = ((rule, rule.pattern.replace("{when}", times.when)) for rule in times.rules)
    return tuple((rule, whole_words(expanded(pattern, language))) for rule, pattern in rules)


@lru_cache
def _part(language: str) -> re.Pattern[str]:
    return whole_words(any_of(language_of(language).times.parts))


@lru_cache
def _ahead(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    times = language_of(language).times
    return whole_words(expanded(times.ahead, language)), whole_words(times.now)


def times_in(sentence: str, language: str, asked_hour: int | None = None) -> list[Found]:
    """Every time in a sentence that ``said`` gave. ``asked_hour``: the hour of a time to be mended, for "half past" alone."""
    found = []
    spoken = _part(language).search(sentence)
    for rule, pattern in _rules(language):
        for match in pattern.finditer(sentence):
            at = _minutes(rule, match.groupdict(default=""), language, asked_hour, spoken[0] if spoken else "")
            if at is not None:
                minute, sure = at
                value = f"{minute // 60:02}:{minute % 60:02}"
                weak = rule.weak or rule.only_minutes is not None
                found.append(Found(match.start(), match.end(), value, weak, 1.0 if sure else _UNSURE))
    return apart(found)


def _minutes(rule: TimeRule, said: dict[str, str], language: str, asked_hour: int | None, part: str) -> tuple[int, bool] | None:
    """Minutes since midnight, and whether the half of the day was said; None for no time."""
    if rule.fixed:
        return int(rule.fixed[:2]) * 60 + int(rule.fixed[3:]), True
    if rule.only_minutes is not None:
        return None if asked_hour is None else (asked_hour * 60 + rule.only_minutes, True)
    clock = _clock(rule, said, language)
    if clock is None:
        return None
    hour, minute = clock
    half = _half(said, part, hour, language)
    if half and 1 <= hour <= 12:
        hour, sure = hour % 12 + (12 if half == "pm" else 0), True
    elif 1 <= hour < EARLIEST_BARE and not _is_written_in_full(said):
        hour, sure = hour + 12, False
    else:
        sure = hour > 12 or hour == 0 or _is_written_in_full(said)
    return (hour * 60 + minute) % _DAY_MINUTES, sure


def _clock(rule: TimeRule, said: dict[str, str], language: str) -> tuple[int, int] | None:
    """Hour of the clock as said, minutes past it; minutes below 0 count back from it."""
    if digits := said.get("clock") or said.get("four"):
        plain = re.sub(r"\D", "", digits)
        hour, minute = int(plain[:-2]), int(plain[-2:])
    else:
        hour, minute = int(value_of(said["hour"], language)), rule.minutes
        if said.get("minute"):
            minute = int(hear_digits(said["minute"], 1, 2, language).digits or 60)
        elif said.get("past") or said.get("to"):
            minute = int(value_of(said.get("past") or said["to"], language)) * (1 if said.get("past") else -1)
    return (hour, minute) if 0 <= hour <= 24 and -59 <= minute <= 59 and (hour < 24 or minute == 0) else None


def _half(said: dict[str, str], part: str, hour: int, language: str) -> str:
    times = language_of(language).times
    if said.get("half"):
        return times.halves[said["half"]]
    half = times.parts.get(said.get("part") or part, "")
    if half == "night":
        return "pm" if _NIGHT_FROM <= hour < 12 else "am"
    return half


def _is_written_in_full(said: dict[str, str]) -> bool:
    """``02:30`` is at night."""
    return (said.get("clock") or said.get("four") or "").startswith("0")


def ahead_in(sentence: str, context: SlotContext) -> tuple[Found, datetime] | None:
    """ "in half an hour", "now": a moment counted from now."""
    times = language_of(context.language).times
    pattern, now = _ahead(context.language)
    if found := pattern.search(sentence):
        unit = times.ahead_minutes.get(found["unit"])
        if unit:
            count = 0.5 if found["count"] == times.half else float(value_of(found["count"], context.language))
            moment = context.now + timedelta(minutes=min(unit * count, 10**6))
            return Found(found.start(), found.end(), f"{moment:%H:%M}"), moment
    if found := now.search(sentence):
        return Found(found.start(), found.end(), f"{context.now:%H:%M}", True), context.now
    return None


class TimeReader(FoundReader):
    longest_keys = 4

    def __init__(self, part: TimeSlot) -> None:
        self._part = part

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        """ "half past" alone keeps the hour; a bare hour keeps the half of the day."""
        heard = self.hear(text, context)
        if heard is not None and heard.confidence == 1.0:
            return heard
        if re.fullmatch(r"\d\d:\d\d", current):
            hour = int(current[:2])
            if heard is None:
                kept = times_in(said(text, context.language), context.language, hour)
                return Reading(kept[-1].value) if kept else None
            return Reading(_same_half(heard.value, hour), "complete", heard.confidence)
        return heard

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        """``1430`` and ``230`` are half past two in the afternoon, ``0230`` is at night."""
        if not re.fullmatch(r"[0-9]{3,4}", keys, re.ASCII):
            return None
        hour, minute = int(keys[:-2]), int(keys[-2:])
        if hour > 23 or minute > 59:
            return None
        bare = len(keys) == 3 and 1 <= hour < EARLIEST_BARE
        return Reading(f"{hour + 12 if bare else hour:02}:{minute:02}", "complete", _UNSURE if bare else 1.0)

    def speak(self, value: str, language: str = "en") -> str:
        return FORMATS["time"](value, language)

    def _all(self, sentence: str, context: SlotContext) -> list[Found]:
        ahead = ahead_in(sentence, context)
        return apart([*times_in(sentence, context.language), *([ahead[0]] if ahead else [])])


def _same_half(value: str, hour: int) -> str:
    """``value`` in the half of the day that ``hour`` is in."""
    return f"{int(value[:2]) % 12 + (12 if hour >= 12 else 0):02}{value[2:]}"
