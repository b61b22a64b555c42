"""Payment card numbers in running text, written or spoken: 13 to 19 digits with a right check digit."""

import re
from typing import Final

from handoff.spoken_digits import Digits, digit_runs, digits_of

_SHORTEST: Final = 13
_LONGEST: Final = 19
_KEPT: Final = 4
"""Digits left readable at the end, as on a receipt (PCI DSS 3.4 allows no more than first six and last four)."""
_LONGEST_PHONE: Final = 15
"""ITU-T E.164, behind the plus sign."""
_PHONES: Final = re.compile(r"(?:1?334|34)+")
"""Lengths of the groups of one or several telephone numbers of the North American plan."""
_LIST: Final = re.compile(r"([5-8])\1+")
"""Several numbers of one length, such as of orders, said one after the other."""


def mask_card_numbers(text: str) -> str:
    """Masks each card number but its last four digits; twice is once.

    A number starts and ends at a group's edge, so that a security code behind it does not hide it. Written digits are masked in
    place; a number that is (partly) spoken is replaced as a whole.
    """
    while (masked := _masked_once(text)) != text:
        text = masked
    return text


def luhn_valid(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _masked_once(text: str) -> str:
    for run in reversed([run for run in digit_runs(text) if len(digits_of(run)) >= _SHORTEST]):
        for first, last in reversed(_numbers_in(text, run)):
            text = _mask(text, run[first : last + 1])
    return text


def _numbers_in(text: str, run: list[Digits]) -> list[tuple[int, int]]:
    """First and last groups of the stretches in which every digit belongs to what may be a card number."""
    found: list[tuple[int, int]] = []
    for first in range(len(run)):
        digits = ""
        for last in range(first, len(run)):
            digits += run[last].digits
            if len(digits) > _LONGEST:
                break
            if len(digits) >= _SHORTEST and luhn_valid(digits) and not _something_else(text, run[first : last + 1]):
                if found and found[-1][1] >= first:
                    found[-1] = found[-1][0], max(found[-1][1], last)
                else:
                    found.append((first, last))
    return found


def _something_else(text: str, groups: list[Digits]) -> bool:
    lengths = "".join(str(min(9, len(group.digits))) for group in groups)
    if len(groups) > 1 and (_PHONES.fullmatch(lengths) or _LIST.fullmatch(lengths)):
        return True
    return text[: groups[0].start].endswith("+") and len(digits_of(groups)) <= _LONGEST_PHONE


def _mask(text: str, groups: list[Digits]) -> str:
    start, end = groups[0].start, groups[-1].end
    if any(group.spoken for group in groups):
        return f"{text[:start]}**** {digits_of(groups)[-_KEPT:]}{text[end:]}"
    part = list(text[start:end])
    places = [index for index, char in enumerate(part) if char in "0123456789"]
    for index in places[:-_KEPT]:
        part[index] = "*"
    return text[:start] + "".join(part) + text[end:]
