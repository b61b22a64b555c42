"""A payment card while it is keyed in: checked, kept only as long as needed, shown nowhere."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

SHORTEST: Final = 12
LONGEST: Final = 19
"""Digits of a card number (ISO/IEC 7812)."""
CENTURY: Final = 2000

Stage = Literal["number", "expiry", "code"]


@dataclass(frozen=True, slots=True)
class Card:
    """``repr`` shows nothing but how far the entry is."""

    stage: Stage = "number"
    number: str = field(default="", repr=False)
    expiry: str = field(default="", repr=False)
    """MMYY."""
    last_four: str = field(default="", repr=False)
    """Stays when the rest is wiped: it may be spoken."""

    def wiped(self) -> "Card":
        return Card(last_four=self.last_four)


def is_card_number(digits: str) -> bool:
    """The right length and a check digit that fits (the Luhn formula, ISO/IEC 7812-1 annex B)."""
    if not (SHORTEST <= len(digits) <= LONGEST and digits.isascii() and digits.isdigit()):
        return False
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_expiry(digits: str, now: datetime) -> bool:
    """MMYY, this month or later, and within 20 years."""
    if len(digits) != 4 or not (digits.isascii() and digits.isdigit()):
        return False
    month, year = int(digits[:2]), CENTURY + int(digits[2:])
    return 1 <= month <= 12 and (now.year, now.month) <= (year, month) and year <= now.year + 20


def is_security_code(digits: str) -> bool:
    return len(digits) in (3, 4) and digits.isascii() and digits.isdigit()
