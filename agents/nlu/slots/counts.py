"""Whole numbers that count something: "two of them", "a dozen", "just one"."""

import re
from functools import lru_cache
from typing import Final

from agents.nlu.slots.amounts import amounts_in
from agents.nlu.slots.cardinals import expanded, value_of
from agents.nlu.slots.found_reader import FoundReader
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import NumberSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import Found, apart, said, whole_words
from agents.wording import FORMATS

_FROM_SOUND: Final = 0.4


@lru_cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], ...], re.Pattern[str]]:
    cues = tuple(whole_words(expanded(cue, language)) for cue in language_of(language).numbers.cues)
    return cues, whole_words(expanded("(?P<number>{cardinal}|{count})", language))


def numbers_in(sentence: str, language: str) -> list[Found]:
    cues, plain = _patterns(language)
    article = language_of(language).cardinals.one
    money = [item for item in amounts_in(sentence, language) if not item.weak]
    found = []
    for pattern in (*cues, plain):
        for match in pattern.finditer(sentence):
            value = value_of(match["number"], language)
            if match["number"] not in article and value == int(value) and value < 10**10:
                found.append(Found(match.start("number"), match.end("number"), str(int(value)), pattern is plain))
    return [item for item in apart([*money, *found]) if item not in money]


class NumberReader(FoundReader):
    longest_keys = 9

    def __init__(self, part: NumberSlot) -> None:
        self._least = part.least
        self._most = part.most

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        reading = self._chosen(text, context)
        if reading is None:
            likely = language_of(context.language).numerals.sounds_like
            words = said(text, context.language).split()
            if len(words) == 1 and words[0] in likely:
                return self._judged(Reading(str(value_of(likely[words[0]], context.language)), "complete", _FROM_SOUND))
        return self._judged(reading)

    def find(self, text: str, context: SlotContext) -> Reading | None:
        reading = super().find(text, context)
        return reading if (judged := self._judged(reading)) and judged.verdict == "complete" else None

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        return self._judged(Reading(str(int(keys)))) if re.fullmatch(r"[0-9]{1,9}", keys, re.ASCII) else None

    def speak(self, value: str, language: str = "en") -> str:
        return FORMATS["number"](value, language)

    def _all(self, sentence: str, context: SlotContext) -> list[Found]:
        return numbers_in(sentence, context.language)

    def _judged(self, reading: Reading | None) -> Reading | None:
        """Over the limit is ``too_many``; under it was misheard."""
        if reading is None or int(reading.value) < self._least:
            return None
        return reading if int(reading.value) <= self._most else Reading(reading.value, "too_many", reading.confidence)
