"""Digits as people say them: single, doubled, in pairs, as a number, with a change of mind in the middle."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.nlu.slots.language import language_of
from agents.nlu.slots.word_lists import LanguageFile, Numerals
from agents.nlu.slots.words import words_of


def spell(digits: str, language: str) -> str:
    """For the ear: ``"45678"`` becomes ``"four, five, six, seven, eight"``."""
    names = language_of(language).numerals.names
    return ", ".join(names[int(digit)] for digit in digits if digit in "0123456789")


def is_numeral(word: str) -> bool:
    """Plain digits only; ``str.isdigit`` would let superscripts pass."""
    return word.isascii() and word.isdigit()


def is_digit_word(word: str, numerals: Numerals) -> bool:
    return is_numeral(word) or word in numerals.small or word in numerals.repeats


def parted(words: Sequence[str], file: LanguageFile) -> list[list[str]]:
    """What stands between the words of a change of mind, in order."""
    parts: list[list[str]] = [[]]
    index = 0
    while index < len(words):
        marker = next((m for m in file.restarts if tuple(words[index : index + len(m)]) == m), None)
        if marker:
            parts.append([])
            index += len(marker)
        else:
            parts[-1].append(words[index])
            index += 1
    return parts


def starts_again(words: Sequence[str], file: LanguageFile) -> bool:
    return bool(words) and any(tuple(words[: len(m)]) == m for m in file.restarts)


def segments(words: Sequence[str], file: LanguageFile, *, lenient: bool = False) -> list[str]:
    """Digit strings between correction markers, in order: "four five no six" gives ``["45", "6"]``."""
    numerals = file.numerals
    parts = parted(words, file)
    return [digits for part in parts if (digits := _digits(_believed(part, numerals) if lenient else part, numerals))]


def _believed(words: Sequence[str], numerals: Numerals) -> list[str]:
    """Words that sound like digits replaced where a neighbour is a digit."""
    out, likely = list(words), numerals.sounds_like
    for index in (*range(len(words)), *reversed(range(len(words)))):
        near = out[max(0, index - 1) : index] + out[index + 1 : index + 2]
        if out[index] in likely and (any(is_digit_word(n, numerals) for n in near) or all(n in likely for n in words)):
            out[index] = likely[out[index]]
    return out


def _digits(words: Sequence[str], numerals: Numerals) -> str:
    out, index = "", 0
    while index < len(words):
        digits, index = chunk(words, index, numerals)
        out += digits
    return out


def chunk(words: Sequence[str], index: int, numerals: Numerals) -> tuple[str, int]:
    """The digits that begin with word ``index`` (empty: none), and the index behind them."""
    word = words[index]
    if is_numeral(word):
        return word, index + 1
    if word in numerals.repeats and index + 1 < len(words):
        digits, after = chunk(words, index + 1, numerals)
        return (digits[0] * numerals.repeats[word] + digits[1:], after) if digits else ("", after)
    if word in numerals.small:
        return _number(words, index, numerals)
    return "", index + 1


def _below_hundred(words: Sequence[str], index: int, numerals: Numerals) -> tuple[int, int]:
    word = words[index]
    if word in numerals.tens:
        unit = numerals.units.get(_word(words, index + 1), 0)
        return numerals.tens[word] + unit, index + (2 if unit else 1)
    return numerals.small[word], index + 1


def _number(words: Sequence[str], index: int, numerals: Numerals) -> tuple[str, int]:
    """A digit, a pair, or a cardinal with "hundred" and "thousand", written in digits."""
    value, index = _below_hundred(words, index, numerals)
    value, index = _hundreds(words, index, value, numerals)
    if _word(words, index) in numerals.thousand:
        value, index = value * 1000, index + 1
        rest = index + (_word(words, index) in numerals.join)
        if _word(words, rest) in numerals.small:
            small, after = _below_hundred(words, rest, numerals)
            small, after = _hundreds(words, after, small, numerals)
            value, index = value + small, after
    return str(value), index


def _hundreds(words: Sequence[str], index: int, value: int, numerals: Numerals) -> tuple[int, int]:
    if _word(words, index) not in numerals.hundred:
        return value, index
    value, index = value * 100, index + 1
    rest = index + (_word(words, index) in numerals.join)
    if _word(words, rest) in numerals.small:
        small, after = _below_hundred(words, rest, numerals)
        if _word(words, after) not in numerals.thousand | numerals.hundred:
            return value + small, after
    return value, index


def _word(words: Sequence[str], index: int) -> str:
    return words[index] if index < len(words) else ""


def merge(parts: Sequence[str], longest: int) -> str:
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
    lenient: bool = False
    """Words were believed that merely sound like digits."""


def hear_digits(text: str, shortest: int, longest: int, language: str) -> Heard:
    """The digits in ``text``, choosing among readings the first whose length is between ``shortest`` and ``longest``.

    Readings in order of trust: as said; without a leading "oh" that was a sigh; with words that merely sound like digits.
    """
    file = language_of(language)
    words = words_of(text, language)
    calm = words[1:] if words[:1] and words[0] in file.numerals.sighs else words
    restarted = starts_again(words, file)
    first = ""
    for number, (said, lenient) in enumerate(((words, False), (calm, False), (words, True), (calm, True))):
        digits = merge(segments(said, file, lenient=lenient), longest)
        if shortest <= len(digits) <= longest:
            return Heard(digits, restarted, lenient)
        first = first if number else digits
    return Heard(first, restarted)
