"""Cutting a text into sentences, so that the first one can be heard while the next is made; and how much of one was heard."""

import re
from typing import Final

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


def heard_part(text: str, heard_s: float, whole_s: float) -> str:
    """The words of ``text`` that fit into ``heard_s`` of ``whole_s`` seconds.

    Speech is taken to run evenly over the characters: ``n = len(text) * heard_s / whole_s``. A word counts when its last letter lies
    within the first ``n`` characters, so a word cut in half is not claimed as heard.
    """
    if whole_s <= 0 or heard_s <= 0:
        return ""
    if heard_s >= whole_s:
        return text
    limit = int(len(text) * heard_s / whole_s)
    if limit < len(text) and not text[limit].isspace():
        limit = text.rfind(" ", 0, limit) if " " in text[:limit] else 0
    return text[:limit].rstrip()
