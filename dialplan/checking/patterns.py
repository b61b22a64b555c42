"""Extension patterns: ``_X.``, ``_NXX[1-5]!`` (main/pbx.c, ext_cmp)."""

import re
from collections.abc import Sequence
from functools import lru_cache

_CLASSES = {"X": "0123456789", "Z": "123456789", "N": "23456789"}
_ANY = frozenset("any")


class Pattern:
    """One extension name, with or without a leading underscore; a caller id match after ``/`` is left out."""

    def __init__(self, name: str) -> None:
        self.sets = _sets(name.partition("/")[0])

    def matches(self, dialled: str) -> bool:
        """Tell whether a call to ``dialled`` gets here."""
        position = 0
        for letters in self.sets:
            if letters in (".", "!"):
                return letters == "!" or position < len(dialled)
            if position >= len(dialled) or dialled[position] not in letters:
                return False
            position += 1
        return position == len(dialled)


@lru_cache(maxsize=4096)
def _sets(name: str) -> Sequence[str]:
    """Return the letters that each place takes, sorted; ``.`` and ``!`` stay."""
    if not name.startswith("_"):
        return tuple(name)
    found = []
    for part in re.findall(r"\[[^\]]*\]?|.", name[1:].replace("-", "") if "[" not in name else name[1:]):
        if part[0] == "[":
            found.append("".join(sorted(_range(part.strip("[]")))))
        elif part != "-":
            found.append(part if part in ".!" else _CLASSES.get(part.upper(), part))
    return tuple(found)


def _range(inside: str) -> set[str]:
    letters: set[str] = set()
    for first, last, single in re.findall(r"(\w)-(\w)|(.)", inside):
        letters |= {single} if single else {chr(code) for code in range(ord(first), ord(last) + 1)}
    return letters
