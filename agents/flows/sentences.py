"""Cutting a text into sentences, so that the first one can be heard while the next is made."""

import re
from functools import lru_cache
from typing import Final

from agents.wording import spoken_text
from agents.wording.language import languages

_END: Final = re.compile(r"(?<=[.!?])\s+")
SHORTEST: Final = 12
"""Characters below which a sentence is joined to the next one: "Sorry." alone would sound chopped."""


def split(text: str) -> list[str]:
    """Sentences in order, blanks trimmed; short ones joined to their successor."""
    parts: list[str] = []
    for piece in _END.split(" ".join(text.split())):
        if not piece:
            continue
        if parts and len(parts[-1]) < SHORTEST:
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return parts


def spoken(text: str, language: str) -> list[str]:
    """The sentences of ``text`` as they are handed to the voice: numbers, money and dates in words, without any markup.

    A language without word lists is left to its voice. ``language`` empty: English.
    """
    code = language or "en"
    return split(spoken_text(text, code) if code in _known() else text)


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(languages())
