"""A street address in a free sentence, as one line: "12 Oak Street, Springfield, 62704"."""

import re
from functools import lru_cache
from typing import Final

from agents.nlu.slots.cardinals import any_of
from agents.nlu.slots.digits import hear_digits, is_digit_word
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import AddressSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import whole_words
from agents.nlu.slots.word_lists import LanguageFile
from agents.nlu.slots.words import opened
from agents.nlu.slots.yes_no import yes_or_no

_TERM: Final = re.compile(r"[0-9]+[a-z]{0,2}(?![a-z])|[^\W\d_]+(?:['-][^\W\d_]+)*|,")
_ORDINAL: Final = re.compile(r"[0-9]+[a-z]{2}")
_LONGEST_WORDS: Final = 40


@lru_cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    lists = language_of(language).addresses
    return (
        re.compile(lists.intro),
        whole_words(lists.strong_intro),
        re.compile(rf"{lists.outro}$"),
        whole_words(any_of((*lists.postcode, *lists.joins))),
    )


class AddressReader:
    longest_keys = 0

    def __init__(self, part: AddressSlot) -> None:
        self._part = part

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        file = language_of(context.language)
        plain = " ".join(_TERM.findall(opened(text, context.language)))
        intro, strong, outro, _ = _patterns(context.language)
        introduced = list(strong.finditer(plain))
        rest = plain[introduced[-1].end() :].strip() if introduced else plain
        rest = outro.sub("", rest.strip(" ,"))
        rest = rest[found.end() :] if (found := intro.match(rest)) else rest
        words = [word for word in rest.split() if word not in file.hesitation][:_LONGEST_WORDS]
        parts = _parts(words, context.language)
        if so_far:
            parts = [f"{so_far} {parts[0]}", *parts[1:]] if parts and so_far.isdigit() else [so_far, *parts]
        line = ", ".join(part for part in parts if part)
        if not line or (not so_far and yes_or_no(text, context.language) and not re.search(r"\d", line)):
            return None
        whole = re.match(r"\d", line) is not None and re.search(r"[^\W\d_]{2}", line) is not None
        streets = {*file.addresses.streets, *map(str.lower, file.addresses.written.values())}
        street = any(word.lower() in streets for word in line.replace(",", " ").split())
        if whole or (street and re.search(r"\d", line)):
            return Reading(line, "complete", 1.0 if street else 0.7)
        return Reading(line, "partial") if street or re.fullmatch(r"\d{1,6}[A-Z]?", line) else None

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """Only behind "my address is" and the like, with a number and a kind of street."""
        plain = " ".join(_TERM.findall(opened(text, context.language)))
        reading = self.hear(text, context) if _patterns(context.language)[1].search(plain) else None
        return reading if reading and reading.verdict == "complete" and reading.confidence == 1.0 else None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        """The whole again; a number alone replaces the house number."""
        reading = self.hear(text, context)
        if reading is None or (not refused and reading.confidence < 1.0):
            return None
        if reading.verdict == "complete":
            return reading
        if refused and re.fullmatch(r"\d{1,6}[A-Z]?", reading.value) and re.match(r"\d", current):
            return Reading(re.sub(r"^\d+[A-Z]?", reading.value, current))
        return None

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        return None

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = opened(text, context.language).split()
        reading = self.hear(text, context, so_far)
        if words and words[-1].strip(".,") in language_of(context.language).between:
            return True
        return reading is not None and reading.verdict == "partial"

    def speak(self, value: str, language: str = "en") -> str:
        return value


def _parts(words: list[str], language: str) -> list[str]:
    """Street, unit, town and postcode; a part ends at a comma, behind the kind of street and around digits."""
    file = language_of(language)
    lists = file.addresses
    parts: list[list[str]] = [[]]
    index = 0
    joined = " ".join(words)
    joined = _patterns(language)[3].sub(",", joined)
    words = joined.split()
    while index < len(words):
        word = words[index]
        if word == ",":
            parts.append([])
        elif (word[0] in "0123456789" and not _ORDINAL.fullmatch(word)) or is_digit_word(word, file.numerals):
            digits, after = _number(words, index, language)
            if not digits:
                index += 1
                continue
            unit = bool(parts[-1]) and parts[-1][-1].lower() in lists.units
            if parts[-1] and not unit:
                parts.append([])
            parts[-1].append(digits)
            if any(parts[:-1]) or unit:
                parts.append([])
            index = after
            continue
        elif word in lists.units and parts[-1]:
            parts.append([word.capitalize()])
        else:
            parts[-1].append(_written(word, parts[-1], file))
            street = word in lists.streets and len(parts[-1]) > (2 if parts[-1][0][0].isdigit() else 1)
            turned = index + 1 < len(words) and words[index + 1] in lists.directions
            if street and not turned and not (index + 1 < len(words) and words[index + 1] in lists.streets):
                parts.append([])
        index += 1
    return [" ".join(part) for part in parts if part]


def _written(word: str, part: list[str], file: LanguageFile) -> str:
    lists = file.addresses
    if len(part) > 1 and word in lists.written:
        return lists.written[word]
    if word in lists.small and part:
        return word
    return word.upper() if len(word) == 1 else word[:1].upper() + word[1:]


def _number(words: list[str], index: int, language: str) -> tuple[str, int]:
    """A row of digit words, and a single letter behind it ("12 b")."""
    file = language_of(language)
    end = index
    between = file.numerals.hundred | file.numerals.thousand
    while end < len(words) and (words[end][0] in "0123456789" or is_digit_word(words[end], file.numerals) or words[end] in between):
        end += 1
    last = words[end - 1]
    letter = last[-1].upper() if last[0] in "0123456789" and last[-1].isalpha() else ""
    digits = hear_digits(" ".join(re.sub(r"(?<=\d)[a-z]$", "", word) for word in words[index:end]), 1, 30, language).digits
    if not letter and end < len(words) and len(words[end]) == 1 and words[end].isalpha() and digits:
        return digits + words[end].upper(), end + 1
    return digits + letter, max(end, index + 1)
