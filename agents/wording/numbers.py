"""Numbers in words: counted, ordered, with a point, digit by digit, as a year."""

from functools import lru_cache
from typing import Final

from agents.wording.language import Spoken, spoken_in

LARGEST: Final = 10**12
"""From here on a number is read digit by digit."""


@lru_cache(maxsize=4096)
def cardinal(value: int, language: str) -> str:
    """``1205`` becomes "one thousand two hundred and five"."""
    words = spoken_in(language)
    if value < 0:
        return f"{words.minus} {cardinal(-value, language)}"
    return digits(str(value), language) if value >= LARGEST else _cardinal(value, words)


def _cardinal(value: int, words: Spoken) -> str:
    if value in words.irregular:
        return words.irregular[value]
    if value < 20:
        return words.small[value]
    if value < 100:
        ten, unit = divmod(value, 10)
        return words.tens[ten] + (words.tens_join + words.small[unit] if unit else "")
    for size, name in [*words.scales.items(), (100, words.hundred)]:
        if value >= size:
            count, rest = divmod(value, size)
            head = f"{_cardinal(count, words)} {name}"
            if not rest:
                return head
            return f"{head} {words.join} {_cardinal(rest, words)}" if rest < 100 and words.join else f"{head} {_cardinal(rest, words)}"
    raise ValueError(f"{value} has no name")


@lru_cache(maxsize=512)
def ordinal(value: int, language: str) -> str:
    """``27`` becomes "twenty-seventh"."""
    words = spoken_in(language)
    name = cardinal(value, language)
    cut = max(name.rfind(" "), name.rfind(words.tens_join) if words.tens_join else -1) + 1
    return name[:cut] + words.ordinal_of.get(name[cut:], name[cut:])


def digits(text: str, language: str) -> str:
    """``"45678"`` becomes "four, five, six, seven, eight"; other characters are left out."""
    small = spoken_in(language).small
    return ", ".join(small[int(digit)] for digit in text if digit in "0123456789")


def decimal(whole: str, places: str, language: str) -> str:
    """``("3", "14")`` becomes "three point one four"."""
    words = spoken_in(language)
    return f"{cardinal(int(whole or '0'), language)} {words.point} " + " ".join(words.small[int(digit)] for digit in places)


def year(value: int, language: str) -> str:
    """``2026`` becomes "twenty twenty-six", ``2005`` "two thousand and five", ``1905`` "nineteen oh five"."""
    words = spoken_in(language)
    century, rest = divmod(value, 100)
    if not 1000 <= value <= 2999 or value // 10 % 100 == 0:
        return cardinal(value, language)
    if rest == 0:
        return f"{cardinal(century, language)} {words.year_hundred}"
    return f"{cardinal(century, language)} " + (f"{words.year_oh} {words.small[rest]}" if rest < 10 else cardinal(rest, language))


def fraction(upper: int, lower: int, language: str) -> str:
    """``(3, 4)`` becomes "three quarters"."""
    words = spoken_in(language)
    if lower in words.halves:
        return f"{cardinal(upper, language)} {words.halves[lower][upper != 1]}"
    return f"{cardinal(upper, language)} {ordinal(lower, language)}{'' if upper == 1 else words.fraction_plural}"
