"""Whether something that is claimed was really said: values and numbers looked for in turns, however they were spoken."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from agents.transcript import Turn
from handoff.number_words import HUNDREDS, MONTHS, ORDINALS, SMALL, TENS
from handoff.spoken_digits import digit_runs, digits_of

_WORD: Final = re.compile(r"[0-9]+(?:[.,:][0-9]+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_CURRENCY: Final = re.compile(r"dollars?|euros?|pounds?|dólares?|libras?")
_CENTS: Final = re.compile(r"cents?|pence|céntimos?|centavos?")
_WRITTEN: Final = re.compile(r"(?<![0-9])[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|(?<![0-9])[0-9]+\.[0-9]{1,2}(?![0-9])")
_LARGE_BEFORE: Final = re.compile(r"\b(?:hundred|thousand|mil|cien|ciento|[a-z]+cient[oa]s)(?:[\s-]+(?:and|y))?[\s-]+$", re.IGNORECASE)
_LARGE_AFTER: Final = re.compile(r"[\s-]+(?:hundred|thousand|mil)\b", re.IGNORECASE)
_NUMERIC: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_JOINERS: Final = frozenset({"and", "y", "con"})


def words_in(text: str) -> list[str]:
    """In lower case; numbers keep their inner marks."""
    return [found[0].lower().replace("’", "'") for found in _WORD.finditer(text)]


def numbers_in(text: str) -> set[str]:
    """The numbers of ``text`` in plain digits: digits said or written in a row, amounts (``34.5``) and cardinals in words (``249``).

    Whole ones only: neither the 49 of two hundred and forty-nine nor the 50 of 34.50.
    """
    amounts = list(_WRITTEN.finditer(text))
    found = {plain_number(amount[0]) for amount in amounts}
    for run in digit_runs(text):
        start, end = run[0].start, run[-1].end
        if any(amount.start() < end and start < amount.end() for amount in amounts):
            continue
        if len(run) > 1 or not run[0].spoken:
            found |= set() if _LARGE_BEFORE.search(text[:start]) or _LARGE_AFTER.match(text, end) else {digits_of(run)}
    return found | _cardinals(words_in(text))


def plain_number(text: str) -> str:
    """``1,249.00`` becomes ``1249``; what is no number stays."""
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text
    if text.isdigit() or not value.is_finite():
        return text
    return format(value.normalize(), "f")


def canonical(text: str) -> str:
    """Lower-case words with digits for spoken digits: two ways to say the same come out alike."""
    parts, at = [], 0
    for run in digit_runs(text):
        parts += [text[at : run[0].start], f" {digits_of(run)} "]
        at = run[-1].end
    return " ".join(words_in("".join([*parts, text[at:]])))


class Said:
    """A text in which values are looked for, put into comparable forms once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._canonical = f" {canonical(text)} "
        self._numbers: set[str] | None = None

    def says(self, value: str) -> bool:
        """Whether ``value`` (of a slot) is said here."""
        if _NUMERIC.fullmatch(value):
            if self._numbers is None:
                self._numbers = numbers_in(self._text)
            return plain_number(value) in self._numbers
        wanted = canonical(value)
        if wanted and f" {wanted} " in self._canonical:
            return True
        return re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None and _says_date(self._text, value)


class Transcript:
    """Turns in which values are looked for; of the agent only what the caller heard counts."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = [(turn, Said(turn.heard)) for turn in reversed(turns)]

    def turn_that_says(self, value: str, who: Literal["caller", "agent"]) -> Turn | None:
        """The last one of ``who``."""
        return next((turn for turn, said in self._turns if turn.who == who and said.says(value)), None)


def sentences_of(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.!?…])\s+", text.strip()) if part.strip()]


def _says_date(text: str, value: str) -> bool:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return False
    words = words_in(text.replace("-", " "))
    if all(MONTHS.get(word) != day.month for word in words):
        return False
    return (
        any(ordinal in f" {' '.join(words)} " for ordinal in _ordinals(day.day))
        or str(day.day) in numbers_in(text)
        or f"{day.day}th" in text
    )


def _ordinals(day: int) -> list[str]:
    """The English words for the day of a month, between blanks."""
    if day == 30:
        return [" thirtieth "]
    tens = {2: "twenty ", 3: "thirty "}.get(day // 10, "") if day > 20 else ""
    return [f" {tens}{word} " for word, value in ORDINALS.items() if value == (day % 10 if day > 20 else day)]


def _cardinals(words: Iterable[str]) -> set[str]:
    """Cardinals in words, each as digits; ``thirty four dollars and fifty cents`` is 34.5 besides 34 and 50."""
    found: set[str] = set()
    total, part, whole = 0, 0, None
    inside = row = False
    for word in [*words, ""]:
        value = SMALL.get(word, TENS.get(word, HUNDREDS.get(word)))
        if value is not None:
            row = row or (inside and not _goes_on(part, value))
            part, inside = part + value, True
        elif inside and word == "hundred":
            part *= 100
        elif inside and word in ("thousand", "mil"):
            total, part = total + part * 1000, 0
        elif inside and word in _JOINERS:
            continue
        else:
            if inside and not row:
                whole = _amount(found, whole, total + part, word)
            elif word not in _JOINERS:
                whole = None
            total, part, inside, row = 0, 0, False, False
    return found


def _goes_on(part: int, value: int) -> bool:
    """Whether ``value`` belongs to the number so far: 40 and 2 do, 4 and 2 do not."""
    if part == 0:
        return True
    return part % 100 == 0 and value < 100 if part >= 100 and part % 100 == 0 else part % 100 >= 20 and part % 10 == 0 and value < 10


def _amount(found: set[str], whole: int | None, value: int, word: str) -> int | None:
    """Keeps a number that is whole with ``word`` behind it; returns the dollars to which cents may follow."""
    if whole is not None and _CENTS.fullmatch(word) and value < 100:
        found.discard(str(whole))
        found.add(format(Decimal(whole * 100 + value).scaleb(-2).normalize(), "f"))
        return None
    found.add(str(value))
    return value if _CURRENCY.fullmatch(word) else None
