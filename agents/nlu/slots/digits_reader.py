"""A number that is said digit by digit, in one go or in pieces, and mended after the read-back."""

from agents.nlu.slots.digit_mending import mend_digits
from agents.nlu.slots.digits import Heard, hear_digits, spell
from agents.nlu.slots.language import language_of
from agents.nlu.slots.other_kinds import digit_runs, without_others
from agents.nlu.slots.part import DigitsSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import said
from agents.nlu.slots.two_hearings import is_said_again, together
from agents.nlu.slots.words import words_of

_CUE_REACH = 5
"""A row of digits within so many words behind "call me on" is a telephone number."""
_LEAST_FOUND = 3
"""Shorter rows are too common in speech to stand out."""
TWICE_HEARD = 0.6
"""Confidence in what two hearings of a wrong length make together."""
GUESSED = 0.4
"""Confidence in digits that needed words which merely sound like them."""


class DigitsReader:
    def __init__(self, part: DigitsSlot) -> None:
        self._shortest = part.shortest
        self._longest = part.longest
        self.longest_keys = part.longest

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        whole = self._whole(text, context)
        fixed = self._shortest == self._longest
        if not so_far or (fixed and len(whole.digits) == self._longest):
            return self._judged(whole)
        mended = mend_digits(so_far, text, context.language)
        if mended is not None:
            return self._judged(Heard(mended, restarted=False))
        if whole.restarted:
            return self._judged(whole)
        rest = hear_digits(text, max(1, self._shortest - len(so_far)), self._longest - len(so_far), context.language)
        if not rest.digits:
            return None
        if len(so_far + rest.digits) > self._longest and is_said_again(so_far, whole.digits):
            return self._twice(so_far, whole.digits) or self._judged(whole)
        return self._judged(Heard(so_far + rest.digits, False, rest.lenient))

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """The one row of digits of the right length that is no amount, day, time, measure or telephone number."""
        clear = without_others(said(text, context.language), context)
        words = clear.split()
        cues = language_of(context.language).phones.cues
        rows = set()
        for start, row in digit_runs(clear, context.language):
            near = set(words[max(0, start - _CUE_REACH) : start])
            heard = hear_digits(row, self._shortest, self._longest, context.language)
            if self._shortest <= len(heard.digits) <= self._longest and not near & cues:
                rows.add(heard.digits)
        if len(rows) != 1 or self._longest < _LEAST_FOUND:
            return None
        reading = Reading(rows.pop())
        return reading if len(reading.value) >= _LEAST_FOUND and self.hear(text, context) == reading else None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        mended = mend_digits(current, text, context.language)
        if mended is not None and mended != current:
            return Reading(mended)
        heard = hear_digits(text, self._shortest, self._longest, context.language)
        words = words_of(text, context.language)
        goes_on = bool(words) and words[0] in language_of(context.language).continues
        if self._longest > len(current) and goes_on and heard.digits:
            return self._judged(Heard(current + heard.digits, False, heard.lenient))
        reading = self._judged(heard)
        if reading and refused and reading.verdict != "complete" and (mixed := self._twice(current, reading.value)):
            return mixed if mixed.value != current else reading
        if reading and reading.verdict == "partial" and (len(reading.value) < 2 or not refused):
            return None
        return reading

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        return self._judged(Heard("".join(key for key in keys if key in "0123456789"), restarted=False))

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = words_of(text, context.language)
        if not words:
            return False
        reading = self.hear(text, context, so_far)
        if reading is None:
            return words[-1] in language_of(context.language).dangling
        return reading.verdict == "partial"

    def speak(self, value: str, language: str = "en") -> str:
        return spell(value, language)

    def _twice(self, first: str, second: str) -> Reading | None:
        """Only where the length is known."""
        value = together(first, second, self._longest) if self._shortest == self._longest else None
        return Reading(value, "complete", TWICE_HEARD) if value else None

    def _whole(self, text: str, context: SlotContext) -> Heard:
        """What is certainly of another kind counts only when nothing is left without it."""
        plain = hear_digits(text, self._shortest, self._longest, context.language)
        sentence = said(text, context.language)
        clear = without_others(sentence, context)
        if clear == sentence:
            return plain
        rest = hear_digits(clear, self._shortest, self._longest, context.language)
        fits = self._shortest <= len(rest.digits) <= self._longest and not rest.lenient
        return Heard(rest.digits, plain.restarted) if fits else plain

    def _judged(self, heard: Heard) -> Reading | None:
        if not heard.digits:
            return None
        confidence = GUESSED if heard.lenient else 1.0
        if len(heard.digits) < self._shortest:
            return Reading(heard.digits, "partial", confidence)
        return Reading(heard.digits, "complete" if len(heard.digits) <= self._longest else "too_many", confidence)
