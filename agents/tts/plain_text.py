"""What may be handed to a synthesiser: one line of plain text."""

import re
import unicodedata
from typing import Final

from agents.tts.speaker import SpeechError

LONGEST: Final = 2000
"""Characters: about two minutes of speech."""
_NOT_SPACE: Final = re.compile(r"\S+")


def plain(text: str) -> str:
    """``text`` on one line, without control characters and lone surrogates.

    Raises SpeechError when no letter or digit is left, or it is longer than LONGEST.
    """
    line = " ".join(_kept(text).split())
    if not any(c.isalnum() for c in line):
        raise SpeechError("speech: the text holds nothing that can be spoken")
    if len(line) > LONGEST:
        raise SpeechError(f"speech: a text of {len(line)} characters is too long for one sentence; split it (at most {LONGEST})")
    return line


def places(text: str) -> list[int]:
    """For each character of ``plain(text)`` its index in ``text``; a blank has that of the first blank it stands for."""
    found: list[int] = []
    for piece in _NOT_SPACE.finditer(_kept(text)):
        if found:
            found.append(found[-1] + 1)
        found.extend(range(piece.start(), piece.end()))
    return found


def _kept(text: str) -> str:
    """As long as ``text``, with a blank for every control character and lone surrogate."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
