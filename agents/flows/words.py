"""Words as an intent matcher needs them: lower case, contractions opened, punctuation and hesitation gone."""

import re
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
