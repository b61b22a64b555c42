"""E-mail addresses as they are said: "anna dot smith at gmail dot com"."""

import re
from functools import lru_cache
from typing import Final

from agents.nlu.slots.cardinals import any_of
from agents.nlu.slots.digits import chunk, is_digit_word
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import EmailSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import whole_words
from agents.nlu.slots.words import opened
from agents.wording import FORMATS

ADDRESS: Final = re.compile(r"[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9_+-])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_TERM: Final = re.compile(r"[^\W_]+|[@._+-]")
_BEGUN: Final = re.compile(r"[a-z0-9][a-z0-9._%+-]*(?:@[a-z0-9.-]*)?|@[a-z0-9-]+\.[a-z0-9.-]*")
_LONGEST_WORDS: Final = 40
_SHORT_ANSWER: Final = 4
"""Pieces: in a longer sentence "at" alone makes no address."""


@lru_cache
def _lists(language: str) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, str], dict[str, str]]:
    """Skipped phrases, misheard phrases with what they mean, and the sign of each word that is one."""
    lists = language_of(language).emails
    signs = {**dict.fromkeys(lists.at, "@"), **dict.fromkeys(lists.dot, "."), **lists.marks}
    return whole_words(any_of(lists.skipped)), whole_words(any_of(lists.sounds_like)), dict(lists.sounds_like), signs


class EmailReader:
    longest_keys = 0

    def __init__(self, part: EmailSlot) -> None:
        self._part = part

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        pieces = self._pieces(text, context.language)
        if so_far and (whole := self._address([so_far, *pieces])):
            return Reading(whole)
        if whole := self._address(self._cut(pieces, context.language)):
            return Reading(whole)
        marks = [piece for piece in pieces if piece in ("@", ".", "_", "+")]
        begun = "".join(self._cut(pieces, context.language))
        if so_far and begun:
            return Reading(so_far + begun, "partial")
        short = len(pieces) <= _SHORT_ANSWER or any(mark != "@" for mark in marks)
        return Reading(begun, "partial") if marks and short and _BEGUN.fullmatch(begun) else None

    def find(self, text: str, context: SlotContext) -> Reading | None:
        reading = self.hear(text, context)
        return reading if reading and reading.verdict == "complete" else None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        """The whole again, or the part behind "at" or before it."""
        reading = self.hear(text, context)
        if reading is None or reading.verdict == "complete":
            return reading
        local, _, domain = current.partition("@")
        if reading.value.startswith("@") and ADDRESS.fullmatch(local + reading.value):
            return Reading(local + reading.value)
        if reading.value.endswith("@") and ADDRESS.fullmatch(reading.value + domain):
            return Reading(reading.value + domain)
        if (
            refused
            and "@" not in reading.value
            and ADDRESS.fullmatch(f"{local}@{reading.value}")
            and _known(reading.value, context.language)
        ):
            return Reading(f"{local}@{reading.value}")
        return reading if refused else None

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        return None

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = opened(text, context.language).split()
        reading = self.hear(text, context, so_far)
        if reading is None:
            return (
                bool(words)
                and words[-1].strip(".,") in language_of(context.language).dangling | language_of(context.language).emails.partial
            )
        return reading.verdict == "partial"

    def speak(self, value: str, language: str = "en") -> str:
        return FORMATS["email"](value, language)

    def _pieces(self, text: str, language: str) -> list[str]:
        """Words, signs and digits of the address, in order; hesitation gone."""
        file = language_of(language)
        skipped, misheard, meanings, signs = _lists(language)
        plain = re.sub(r"(?<=\w)\.(?=\s|$)|[,;:!?]", " ", opened(text, language))
        terms = " ".join(_TERM.findall(plain))
        terms = skipped.sub(" ", misheard.sub(lambda found: meanings[found[0]], " ".join(terms.split())))
        words = [word for word in terms.split() if word not in file.hesitation][:_LONGEST_WORDS]
        two = {phrase: sign for phrase, sign in signs.items() if " " in phrase}
        out: list[str] = []
        index = 0
        while index < len(words):
            pair = " ".join(words[index : index + 2])
            if pair in two:
                out.append(two[pair])
                index += 2
            elif words[index] in signs:
                out.append(signs[words[index]])
                index += 1
            elif is_digit_word(words[index], file.numerals) and words[index] not in file.numerals.sighs:
                digits, index = chunk(words, index, file.numerals)
                out.append(digits)
            else:
                out.append(file.letters.strong.get(words[index], words[index]) if words[index] in _spelled(language) else words[index])
                index += 1
        return [piece for piece in out if piece]

    def _cut(self, pieces: list[str], language: str) -> list[str]:
        """From behind the last word that is no part of an address to the end of the domain."""
        lists = language_of(language).emails
        at = len(pieces) - 1 - pieces[::-1].index("@") if "@" in pieces else len(pieces)
        start = at
        while start and pieces[start - 1] not in lists.starts_after:
            start -= 1
        end = at + 1
        while end < len(pieces) and not (pieces[end] in lists.endings and pieces[end - 1] == "." and pieces[end + 1 : end + 2] != ["."]):
            end += 1
        return pieces[start : end + 1]

    def _address(self, pieces: list[str]) -> str:
        """Empty when ``pieces`` make none."""
        whole = "".join(pieces)
        return whole if ADDRESS.fullmatch(whole) else ""


@lru_cache
def _spelled(language: str) -> frozenset[str]:
    """Names of letters that nobody has in an address."""
    return frozenset(word for word in language_of(language).letters.strong if len(word) == 3 and word[0] == word[1]) | {
        "aitch",
        "doubleyou",
    }


def _known(domain: str, language: str) -> bool:
    return domain.rsplit(".", 1)[-1] in language_of(language).emails.endings
