"""Spoken digits: the words that a recogniser should prefer when somebody reads out a number."""

import re
from typing import Final

WORDS: Final = ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_WORD: Final = re.compile(r"[a-z']+|\d")


def mostly_digits(text: str) -> bool:
    """At least two digits, and at least half of the words: ``my number is four two seven`` but not ``for one or two days``."""
    words = _WORD.findall(text.lower())
    digits: int = sum(word in WORDS or word.isdigit() for word in words)
    return digits >= 2 and 2 * digits >= len(words)
