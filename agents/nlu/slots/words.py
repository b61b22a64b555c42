"""Words as readers need them: lower case, contractions opened, hesitation and punctuation gone."""

import re
from functools import lru_cache
from typing import Final

from agents.nlu.slots.language import language_of

_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "–": "-", "—": "-"})
_WORD: Final = re.compile(r"[^\W\d_]+|[0-9]+")


def opened(text: str, language: str) -> str:
    """Lower case, with the language's short forms written out; marks stay."""
    plain = text.lower().translate(_APOSTROPHES)
    for pattern, replacement in language_of(language).openings:
        plain = pattern.sub(replacement, plain)
    return plain


@lru_cache(maxsize=512)
def words_of(text: str, language: str) -> tuple[str, ...]:
    """``"I'd like, um, the status!"`` becomes ``("i", "would", "like", "the", "status")``; digit runs stay whole."""
    hesitation = language_of(language).hesitation
    return tuple(word for word in _WORD.findall(opened(text, language)) if word not in hesitation)
