"""Words as an intent matcher needs them: lower case, contractions opened, punctuation and hesitation gone."""

import re
from functools import lru_cache
from typing import Final

_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'"})

_HUM: Final = r"\b(?:(?:uh|mm|mhm|a)[ -]?(?:huh|hm+)|mhm+)\b"
_WHOLE: Final = (
    (r"\bcan'?t\b", "can not"),
    (r"\bcannot\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"\blet's\b", "let us"),
    (r"\b(do|does|did|is|are|was|have|has|would|could|should)n'?t\b", r"\1 not"),
    (r"\b(that|what|where|when|who|how|it|there|here)'?s\b", r"\1 is"),
    (r"'s\b", ""),
    (r"'re\b", " are"),
    (r"\bi'?m\b", "i am"),
    (r"'ll\b", " will"),
    (r"'d\b", " would"),
    (r"\bi'?ve\b", "i have"),
    (r"'ve\b", " have"),
    (r"\bwanna\b", "want to"),
    (r"\bgimme\b", "give me"),
    (r"\b(?:good|bye)[ -]+(?:bye|by)\b", "goodbye"),
    (_HUM, "yes"),
    (r"\bok\b", "okay"),
)
"""Applied in this order. A recogniser often drops the apostrophe, hence ``'?`` where no other word is hit."""

_PATTERNS: Final = tuple((re.compile(pattern), to) for pattern, to in _WHOLE)
_HUMS: Final = re.compile(_HUM)
_WORD: Final = re.compile(r"[^\W\d_]+|[0-9]+")

HESITATION: Final = frozenset({"um", "uh", "er", "erm", "ah", "hm", "hmm", "umm", "uhm", "mm"})


def normalise(text: str) -> list[str]:
    """``"I'd like, um, the status!"`` becomes ``["i", "would", "like", "the", "status"]``; digit runs stay whole."""
    plain = text.lower().translate(_APOSTROPHES)
    for pattern, replacement in _PATTERNS:
        plain = pattern.sub(replacement, plain)
    return [word for word in _WORD.findall(plain) if word not in HESITATION]


def without_hums(text: str) -> str:
    """``"Mm-hm, okay."`` becomes ``"okay"``: normalised, and empty when there is nothing but hums and hesitation."""
    return " ".join(normalise(_HUMS.sub(" ", text.lower())))


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
