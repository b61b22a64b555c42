"""Digits as people say them: single, doubled, in pairs, as a number, with a change of mind in the middle."""

from dataclasses import dataclass
from typing import Final

from agents.flows.words import normalise

UNITS: Final = {
    "zero": 0, "nought": 0, "naught": 0, "null": 0, "oh": 0, "o": 0,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "niner": 9,
}  # fmt: skip
TEENS: Final = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SOUNDS_LIKE: Final = {
    "to": "two", "too": "two", "for": "four", "fore": "four", "won": "one", "ate": "eight", "free": "three", "tree": "three",
    "fife": "five", "fives": "five", "sicks": "six", "sex": "six", "sixth": "six", "nein": "nine", "mine": "nine", "owe": "oh", "ow": "oh",
    "hero": "zero", "heaven": "seven", "evan": "seven", "wine": "nine", "floor": "four", "door": "four", "hive": "five",
}  # fmt: skip
"""What a recogniser writes for a lone digit. Believed only next to a digit, and only when the count then fits."""
REPEATS: Final = {"double": 2, "triple": 3, "treble": 3}
_NAMES: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MARKERS: Final = (
    ("i", "mean"), ("i", "meant"), ("make", "that"), ("scratch", "that"), ("no",), ("sorry",), ("wait",), ("actually",), ("correction",),
    ("rather",), ("nope",),
)  # fmt: skip
"""Words after which the speaker says it again, and right this time."""


def spell(digits: str) -> str:
    """For the ear: ``"45678"`` becomes ``"four, five, six, seven, eight"``."""
    return ", ".join(_NAMES[int(digit)] for digit in digits if digit in "0123456789")


def is_numeral(word: str) -> bool:
    """Plain digits only; ``str.isdigit`` would let superscripts pass."""
    return word.isascii() and word.isdigit()


def is_digit_word(word: str) -> bool:
    return is_numeral(word) or word in UNITS or word in TEENS or word in TENS or word in REPEATS


def segments(words: list[str], *, lenient: bool = False) -> list[str]:
    """Digit strings between correction markers, in order: "four five no six" gives ``["45", "6"]``."""
    parts: list[list[str]] = [[]]
    index = 0
    while index < len(words):
        marker = next((m for m in _MARKERS if tuple(words[index : index + len(m)]) == m), None)
        if marker:
            parts.append([])
            index += len(marker)
        else:
            parts[-1].append(words[index])
            index += 1
    return [digits for part in parts if (digits := _digits(_believed(part) if lenient else part))]


def _believed(words: list[str]) -> list[str]:
    """Words that sound like digits replaced where a neighbour is a digit."""
    out = list(words)
    for index in (*range(len(words)), *reversed(range(len(words)))):
        near = out[max(0, index - 1) : index] + out[index + 1 : index + 2]
        if out[index] in SOUNDS_LIKE and (any(is_digit_word(n) for n in near) or all(n in SOUNDS_LIKE for n in words)):
            out[index] = SOUNDS_LIKE[out[index]]
    return out


def _digits(words: list[str]) -> str:
    out, index = "", 0
    while index < len(words):
        digits, index = _chunk(words, index)
        out += digits
    return out


def _chunk(words: list[str], index: int) -> tuple[str, int]:
    word = words[index]
    if is_numeral(word):
        return word, index + 1
    if word in REPEATS and index + 1 < len(words):
        digits, after = _chunk(words, index + 1)
        return (digits[0] * REPEATS[word] + digits[1:], after) if digits else ("", after)
    if word in UNITS or word in TEENS or word in TENS:
        return _number(words, index)
    return "", index + 1


def _below_hundred(words: list[str], index: int) -> tuple[int, int]:
    word = words[index]
    if word in TENS:
        following = words[index + 1] if index + 1 < len(words) else ""
        if UNITS.get(following, 0) > 0:
            return TENS[word] + UNITS[following], index + 2
        return TENS[word], index + 1
    return (TEENS[word] if word in TEENS else UNITS[word]), index + 1


def _number(words: list[str], index: int) -> tuple[str, int]:
    """A digit, a pair, or a cardinal with "hundred" and "thousand", written in digits."""
    value, index = _below_hundred(words, index)
    value, index = _hundreds(words, index, value)
    if _word(words, index) == "thousand":
        value, index = value * 1000, index + 1
        rest = index + (_word(words, index) == "and")
        if _is_number(words, rest):
            small, after = _below_hundred(words, rest)
            small, after = _hundreds(words, after, small)
            value, index = value + small, after
    return str(value), index


def _hundreds(words: list[str], index: int, value: int) -> tuple[int, int]:
    if _word(words, index) != "hundred":
        return value, index
    value, index = value * 100, index + 1
    rest = index + (_word(words, index) == "and")
    if _is_number(words, rest):
        small, after = _below_hundred(words, rest)
        if _word(words, after) not in {"thousand", "hundred"}:
            return value + small, after
    return value, index


def _word(words: list[str], index: int) -> str:
    return words[index] if index < len(words) else ""


def _is_number(words: list[str], index: int) -> bool:
    word = _word(words, index)
    return word in UNITS or word in TEENS or word in TENS


def merge(parts: list[str], longest: int) -> str:
    """Fold a change of mind: what follows a marker replaces all, or the end, of what came before.

    "four five six, no, seven eight nine" with ``longest`` 5 is 45789: the speaker goes on from the digit that was wrong.
    """
    value = ""
    for part in parts:
        over = len(value) + len(part) - longest
        if not value or len(part) >= longest:
            value = part
        elif 1 <= over <= min(len(value), len(part)):
            value = value[:-over] + part
        else:
            value = value[: max(0, len(value) - len(part))] + part
    return value


@dataclass(frozen=True, slots=True)
class Heard:
    """Digits understood in one sentence."""

    digits: str
    restarted: bool
    """The sentence carried a correction marker before digits, so it does not continue an earlier part."""


def hear_digits(text: str, shortest: int, longest: int) -> Heard:
    """The digits in ``text``, choosing among readings the first whose length is between ``shortest`` and ``longest``.

    Readings in order of trust: as said; without a leading "oh" that was a sigh; with words that merely sound like digits.
    """
    words = normalise(text)
    readings = [
        segments(words),
        segments(_without_sigh(words)),
        segments(words, lenient=True),
        segments(_without_sigh(words), lenient=True),
    ]
    restarted = bool(words) and any(tuple(words[: len(m)]) == m for m in _MARKERS)
    merged = [merge(parts, longest) for parts in readings]
    for digits in merged:
        if shortest <= len(digits) <= longest:
            return Heard(digits, restarted)
    return Heard(merged[0], restarted)


def _without_sigh(words: list[str]) -> list[str]:
    return words[1:] if words[:1] in (["oh"], ["o"]) else words
