"""Amounts of money: "forty nine ninety nine", "a hundred and twenty dollars and five cents", "$1,200"."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from agents.nlu.slots.cardinals import expanded, value_of
from agents.nlu.slots.digits import hear_digits
from agents.nlu.slots.found_reader import FoundReader
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import AmountSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import Found, apart, whole_words
from agents.nlu.slots.word_lists import AmountRule
from agents.wording import FORMATS

UNSURE: Final = 0.7
_CENT: Final = Decimal("0.01")


@lru_cache
def _rules(language: str) -> tuple[tuple[AmountRule, re.Pattern[str]], ...]:
    return tuple((rule, whole_words(expanded(rule.pattern, language))) for rule in language_of(language).amounts.rules)


def amounts_in(sentence: str, language: str) -> list[Found]:
    """Every amount in a sentence that ``said`` gave."""
    found = []
    for rule, pattern in _rules(language):
        for match in pattern.finditer(sentence):
            value = _value(rule, match, language)
            if value is not None:
                found.append(Found(match.start(), match.end(), f"{value:.2f}", rule.weak, UNSURE if rule.weak else 1.0))
    return apart(found)


def _value(rule: AmountRule, match: re.Match[str], language: str) -> Decimal | None:
    groups = match.groupdict()
    whole = value_of(groups["whole"], language) if groups.get("whole") else Decimal(0)
    if rule.half:
        return whole + Decimal("0.5")
    if groups.get("places"):
        places = hear_digits(groups["places"], 1, 2, language).digits
        return whole + Decimal(f"0.{places}") if whole == int(whole) and 1 <= len(places) <= 2 else None
    if not groups.get("cents"):
        return whole.quantize(_CENT) if whole < 10**12 else None
    cents = value_of(groups["cents"], language)
    if whole != int(whole) or cents != int(cents) or cents > 99:
        return None
    if rule.weak and groups.get("whole") and whole < 10 and "." not in match[0]:
        # "one twenty" is as often 120; the read-back tells
        return whole * 100 + cents if whole == 1 else whole + cents / 100
    return whole + cents / 100


class AmountReader(FoundReader):
    longest_keys = 10

    def __init__(self, part: AmountSlot) -> None:
        self._least = Decimal(str(part.least))
        self._most = Decimal(str(part.most))

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        return self._judged(self._chosen(text, context))

    def find(self, text: str, context: SlotContext) -> Reading | None:
        reading = super().find(text, context)
        return reading if (judged := self._judged(reading)) and judged.verdict == "complete" else None

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        """``49*99`` is 49.99, ``50`` is 50.00."""
        if not re.fullmatch(r"[0-9]{1,9}(?:\*[0-9]{0,2})?", keys):
            return None
        whole, _, cents = keys.partition("*")
        return self._judged(Reading(f"{whole.lstrip('0') or '0'}.{cents.ljust(2, '0')}"))

    def speak(self, value: str, language: str = "en") -> str:
        return FORMATS["money"](value, language)

    def _all(self, sentence: str, context: SlotContext) -> list[Found]:
        return amounts_in(sentence, context.language)

    def _judged(self, reading: Reading | None) -> Reading | None:
        """Over the limit is ``too_many``; under it was misheard."""
        if reading is None or Decimal(reading.value) < self._least:
            return None
        return reading if Decimal(reading.value) <= self._most else Reading(reading.value, "too_many", reading.confidence)
