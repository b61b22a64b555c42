"""Telephone numbers: national or with a plus, in groups, with "double"."""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from agents.nlu.slots.digit_mending import mend_digits
from agents.nlu.slots.digits import hear_digits, spell
from agents.nlu.slots.language import language_of
from agents.nlu.slots.other_kinds import digit_runs, without_others
from agents.nlu.slots.part import PhoneSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import said
from agents.nlu.slots.words import words_of

SHORTEST: Final = 6
LONGEST: Final = 15
"""Most digits of a number in E.164."""
_CUE_REACH: Final = 6
_LONG: Final = 9
"""So many digits in a row are a telephone number without a word that says so."""


class PhoneReader:
    longest_keys = LONGEST + 2

    def __init__(self, part: PhoneSlot) -> None:
        self._region = part.region or None

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        phones = language_of(context.language).phones
        sentence = said(text, context.language)
        if any(f" {word} " in f" {sentence} " for word in phones.extension):
            digits = hear_digits(text, SHORTEST, LONGEST, context.language).digits
            return Reading(digits, "too_many") if digits else None
        plus = "+" if any(word in phones.plus for word in sentence.split()) else ""
        heard = hear_digits(re.sub(r"[().\-/]", " ", text), SHORTEST, LONGEST, context.language)
        if not heard.digits:
            return None
        if so_far and not heard.restarted and not plus:
            mended = mend_digits(so_far.removeprefix("+"), text, context.language)
            if mended is not None:
                return self._judged(("+" if so_far[0] == "+" else "") + mended)
            whole = self._judged(heard.digits)
            if whole is None or whole.verdict != "complete":
                return self._judged(so_far + heard.digits)
        whole = self._judged(plus + heard.digits)
        return self._lone(sentence, context) or whole if whole and whole.verdict == "too_many" and not plus else whole

    def _lone(self, sentence: str, context: SlotContext) -> Reading | None:
        """The one row of digits that is a whole number by itself: "on 415 555 2671 about order 10482"."""
        rows = [row for _, row in digit_runs(re.sub(r"[.\-/]", " ", sentence), context.language)]
        read = [self._judged(hear_digits(row, SHORTEST, LONGEST, context.language).digits) for row in rows]
        whole = {reading for reading in read if reading and reading.verdict == "complete"}
        return whole.pop() if len(whole) == 1 else None

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """A long row of digits, or one behind "call me on"."""
        clear = without_others(said(text, context.language), context)
        words = clear.split()
        lists = language_of(context.language).phones
        found = set()
        for start, row in digit_runs(clear.replace("-", " ").replace(".", " "), context.language):
            before = words[max(0, start - _CUE_REACH) : start]
            digits = hear_digits(row, SHORTEST, LONGEST, context.language).digits
            cued = any(word in lists.cues or word in lists.plus for word in before)
            if len(digits) >= (SHORTEST if cued else _LONG):
                found.add(digits)
        reading = self.hear(text, context)
        if len(found) != 1 or reading is None or reading.verdict != "complete":
            return None
        return reading if found.pop().endswith(reading.value[-SHORTEST:]) else None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        plus = "+" if current.startswith("+") else ""
        mended = mend_digits(current.removeprefix("+"), text, context.language)
        if mended is not None and plus + mended != current:
            return self._judged(plus + mended)
        words = words_of(text, context.language)
        reading = self.hear(text, context)
        if words and words[0] in language_of(context.language).continues and reading and reading.verdict == "partial":
            return self._judged(current + reading.value)
        if reading and reading.verdict == "partial" and (len(reading.value) < 3 or not refused):
            return None
        return reading

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        """A leading ``*`` or ``00`` is the plus."""
        digits = re.sub(r"[^0-9*]", "", keys)
        if digits.startswith(("*", "00")):
            digits = "+" + digits.lstrip("*").removeprefix("00" if digits.startswith("00") else "")
        return self._judged(digits.replace("*", "")) if re.search(r"[0-9]", digits) else None

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = words_of(text, context.language)
        reading = self.hear(text, context, so_far)
        if reading is None:
            return bool(words) and words[-1] in language_of(context.language).dangling
        return reading.verdict == "partial"

    def speak(self, value: str, language: str = "en") -> str:
        plus = f"{min(language_of(language).phones.plus, key=lambda w: (not w.isalpha(), w != 'plus'))}, " if value[:1] == "+" else ""
        return plus + spell(value, language)

    def _judged(self, number: str) -> Reading | None:
        """By the numbering plan where there is a region or a country code, else by length."""
        digits = number.removeprefix("+")
        if not digits:
            return None
        if self._region is None and not number.startswith("+"):
            verdict = "partial" if len(digits) < SHORTEST else "complete" if len(digits) <= LONGEST else "too_many"
            return Reading(number, verdict)  # type: ignore[arg-type]  # one of the three
        try:
            parsed = phonenumbers.parse(number, self._region)
        except NumberParseException as error:
            long = error.error_type == NumberParseException.TOO_LONG
            return Reading(number, "too_many" if long or len(digits) > LONGEST else "partial")
        reason = phonenumbers.is_possible_number_with_reason(parsed)
        if reason == ValidationResult.TOO_LONG:
            return Reading(number, "too_many")
        if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
            return Reading(number, "partial")
        valid = phonenumbers.is_valid_number(parsed)
        return Reading(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), "complete", 1.0 if valid else 0.6)
