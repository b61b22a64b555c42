"""A code of letters and digits, in one go or in pieces."""

from typing import Final

from agents.nlu.slots.codes import CodeRow, code_rows
from agents.nlu.slots.digit_mending import mend_digits
from agents.nlu.slots.digits import merge, starts_again
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import CodeSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.words import words_of
from agents.wording import FORMATS

_GUESSED: Final = 0.6
"""Confidence when an everyday word had to be a letter."""
_LEAST_FOUND: Final = 3


class CodeReader:
    def __init__(self, part: CodeSlot) -> None:
        self._shortest = part.shortest
        self._longest = part.longest
        self.longest_keys = part.longest

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        parts = [self._of(rows) for rows in code_rows(text, context.language)]
        strict, lenient = (merge([part[i] for part in parts if part[i]], self._longest) for i in (0, 1))
        restarted = starts_again(words_of(text, context.language), language_of(context.language))
        if so_far and not restarted:
            if (mended := self._mended(so_far, text, context)) is not None:
                return self._judged(mended, 1.0)
            for value, confidence in ((strict, 1.0), (lenient, _GUESSED)):
                if value and self._shortest <= len(so_far + value) <= self._longest:
                    return self._judged(so_far + value, confidence)
            if strict and len(strict) < self._shortest:
                return self._judged(so_far + strict, 1.0)
        for value, confidence in ((strict, 1.0), (lenient, _GUESSED)):
            if self._shortest <= len(value) <= self._longest:
                return self._judged(value, confidence)
        lone = self._mixed(text, context)
        return Reading(lone.pop()) if len(lone) == 1 and len(strict) > self._longest else self._judged(strict, 1.0)

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """The one row of the right length that has letters as well as digits."""
        found = self._mixed(text, context)
        reading = self.hear(text, context)
        return reading if reading and reading.verdict == "complete" and found == {reading.value} else None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        if (mended := self._mended(current, text, context)) is not None and mended != current:
            return self._judged(mended, 1.0)
        reading = self.hear(text, context)
        if reading and (reading.verdict == "partial" or reading.confidence < 1.0) and (len(reading.value) < 2 or not refused):
            return None
        return reading

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        """Digits only: keys have no letters that could be told apart."""
        return self._judged("".join(key for key in keys if key in "0123456789"), 1.0)

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = words_of(text, context.language)
        reading = self.hear(text, context, so_far)
        if reading is None:
            return bool(words) and words[-1] in language_of(context.language).dangling
        return reading.verdict == "partial"

    def speak(self, value: str, language: str = "en") -> str:
        return FORMATS["spell"](value, language)

    def _mixed(self, text: str, context: SlotContext) -> set[str]:
        """Rows of the right length that have letters as well as digits."""
        rows = (row.readings()[:1] for rows in code_rows(text, context.language) for row in rows)
        values = {value for readings in rows for value in readings if not value.isdigit() and not value.isalpha()}
        return {value for value in values if max(_LEAST_FOUND, self._shortest) <= len(value) <= self._longest}

    def _of(self, rows: tuple[CodeRow, ...]) -> tuple[str, str]:
        """The rows of one part as they are for certain, and as the length wants them."""
        firm = [row for row in rows if any(not piece.weak for piece in row.pieces)]
        strict = "".join(row.readings()[0] for row in firm)
        if self._shortest <= len(strict) <= self._longest:
            return strict, ""
        for choice in (1, 2, 3):
            value = "".join(row.readings()[choice] for row in firm)
            if self._shortest <= len(value) <= self._longest:
                return strict, value
        loose = "".join(row.readings()[-1] for row in rows if row.readings())
        return strict, loose if self._shortest <= len(loose) <= self._longest else ""

    def _mended(self, current: str, text: str, context: SlotContext) -> str | None:
        """Positions are mended with digits only."""
        return mend_digits(current, text, context.language)

    def _judged(self, value: str, confidence: float) -> Reading | None:
        if not value:
            return None
        if len(value) < self._shortest:
            return Reading(value, "partial", confidence)
        return Reading(value, "complete" if len(value) <= self._longest else "too_many", confidence)
