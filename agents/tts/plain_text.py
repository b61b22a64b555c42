"""What may be handed to a synthesiser: one line of plain text."""

import unicodedata
from typing import Final

from agents.tts.speaker import SpeechError

LONGEST: Final = 2000
"""Characters: about two minutes of speech."""


def plain(text: str) -> str:
    """``text`` on one line, without control characters and lone surrogates.

    Raises SpeechError when no letter or digit is left, or it is longer than LONGEST.
    """
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    line = " ".join(kept.split())
    if not any(c.isalnum() for c in line):
        raise SpeechError("speech: the text holds nothing that can be spoken")
    if len(line) > LONGEST:
        raise SpeechError(f"speech: a text of {len(line)} characters is too long for one sentence; split it (at most {LONGEST})")
    return line
