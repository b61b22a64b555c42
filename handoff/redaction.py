"""Removes from texts what must not be stored. For now: payment card numbers written in digits."""

import re
from collections.abc import Callable
from typing import TypeAlias

Redaction: TypeAlias = Callable[[str], str]

_RUN = re.compile(r"(?<![0-9])[0-9]+(?:[ \-.][0-9]+)*(?![0-9])")
_GROUP = re.compile(r"[0-9]+")
_KEPT = 4
"""Digits left readable at the end, as on a receipt (PCI DSS 3.4 allows no more than first six and last four)."""


def mask_card_numbers(text: str) -> str:
    """Masks each number of 13 to 19 digits that passes the Luhn check, grouped by single blanks, hyphens or dots or not at all.

    A number starts and ends at a group's edge, so that a security code behind it does not hide it.
    """
    return _RUN.sub(lambda match: _mask_run(match[0]), text)


def luhn_valid(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _mask_run(run: str) -> str:
    groups = [(match.start(), match.end()) for match in _GROUP.finditer(run)]
    first = 0
    while first < len(groups):
        last = _card_end(run, groups, first)
        if last is None:
            first += 1
            continue
        run = _mask(run, groups[first][0], groups[last][1])
        first = last + 1
    return run


def _card_end(run: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """The last group of the longest card number that begins with group ``first``."""
    found = None
    digits = ""
    for index in range(first, len(groups)):
        digits += run[groups[index][0] : groups[index][1]]
        if len(digits) > 19:
            break
        if len(digits) >= 13 and luhn_valid(digits):
            found = index
    return found


def _mask(run: str, start: int, end: int) -> str:
    part = list(run[start:end])
    places = [index for index, char in enumerate(part) if char.isdigit()]
    for index in places[:-_KEPT]:
        part[index] = "*"
    return run[:start] + "".join(part) + run[end:]
