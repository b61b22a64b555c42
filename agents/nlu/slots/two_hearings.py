"""A number heard twice, each time with too few digits or too many: what both hearings together make of it."""

from difflib import SequenceMatcher
from typing import Final

ALIKE: Final = 0.7
"""From this likeness on (matching digits twice over all digits) the second hearing is the same number said again."""
_FEWEST: Final = 4
"""Shorter rows are alike by chance."""


def is_said_again(first: str, second: str) -> bool:
    return len(second) >= _FEWEST and _matcher(first, second).ratio() >= ALIKE


def together(first: str, second: str, length: int) -> str | None:
    """``second`` with the digits that only ``first`` has, or without those that only ``second`` has, when that gives ``length``.

    None when the hearings are not alike, or when it would not be clear which digits are meant.
    """
    if not is_said_again(first, second):
        return None
    operations = _matcher(first, second).get_opcodes()
    if len(second) < length:
        kept = [first[a:b] if kind == "delete" else second[c:d] for kind, a, b, c, d in operations]
    elif len(second) > length:
        kept = ["" if kind == "insert" else second[c:d] for kind, _, _, c, d in operations]
    else:
        return second
    value = "".join(kept)
    return value if len(value) == length else None


def _matcher(first: str, second: str) -> SequenceMatcher[str]:
    return SequenceMatcher(None, first, second, autojunk=False)
