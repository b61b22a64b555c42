"""Texts that people outside may have written, such as a caller's name and number: made harmless once, where they come in.

SIP lets a caller send any bytes for them, line ends and marks that turn writing round included (RFC 3261 25.1, escaped octets in URIs).
"""

import unicodedata
from typing import Final

LONGEST_NUMBER: Final = 40
"""Characters; E.164 has 15 digits, extensions and SIP names somewhat more."""
LONGEST_TEXT: Final = 512
_OF_NUMBERS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+*#._@-")
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories: control, format (right-to-left marks too), halves of pairs, private, unassigned, line and paragraph separators."""


def clean_number(text: str) -> str:
    """Only what numbers and SIP names are made of; at most LONGEST_NUMBER characters."""
    return "".join(letter for letter in text[: 4 * LONGEST_NUMBER] if letter in _OF_NUMBERS)[:LONGEST_NUMBER]


def clean_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line without characters that nobody sees; at most ``longest`` of them. Quotes and brackets stay: who shows it escapes it."""
    kept = (" " if letter.isspace() else letter for letter in text[: 4 * longest] if letter.isspace() or _shown(letter))
    return " ".join("".join(kept).split())[:longest]


def _shown(letter: str) -> bool:
    return unicodedata.category(letter) not in _DROPPED
