"""How much a heard word is like the one that was wanted."""

from functools import lru_cache


def edits(first: str, second: str, limit: int) -> int:
    """Levenshtein distance, or ``limit + 1`` as soon as it is known to be larger."""
    if abs(len(first) - len(second)) > limit:
        return limit + 1
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
        if min(row) > limit:
            return limit + 1
    return row[-1]


@lru_cache(maxsize=65_536)
def alike(heard: str, wanted: str) -> float:
    """1.0 for the same word, 0.85 for one that a recogniser may have misspelt, else 0.

    Short words must be exact: "no" is not "now". Five to seven letters allow one edit, longer ones two, and the first letter must agree.
    """
    if heard == wanted:
        return 1.0
    if len(wanted) < 5 or heard[:1] != wanted[:1]:
        return 0.0
    limit = 1 if len(wanted) < 8 else 2
    return 0.85 if edits(heard, wanted, limit) <= limit else 0.0
