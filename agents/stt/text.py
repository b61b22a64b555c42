"""Tidies what a recogniser writes, without touching a word or a digit that was said."""

import re
import unicodedata
from typing import Final

_SOUND: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)|[♪♫\uFFFD]")
"""Recognisers trained on subtitles write sounds as ``[music]`` or ``(coughs)``."""
_CREDIT: Final = re.compile(r"©|\btranscript(?:ion)? (?:by )?[A-Z][a-z]+ [A-Z][a-z]+|\bsubtitles? by\b")
"""Credits of the subtitles they were trained on, written on noise."""
_SPACE_BEFORE_MARK: Final = re.compile(r"\s+([,.;:!?%])")
_ONLY_MARKS: Final = re.compile(r"[\W_]*")
_NO_WORDS: Final = frozenset({"you"})
"""What Moonshine writes for noise, hum and clicks; no caller's whole turn consists of it."""


def tidy(raw: str) -> str:
    """``raw`` with single spaces, no sound descriptions and a capital first letter; empty when it holds no words of a caller.

    Brackets with a digit inside stay: ``(555) 0199`` is a number.
    """
    text = unicodedata.normalize("NFC", raw)
    if _CREDIT.search(text):
        return ""
    text = _SOUND.sub(lambda found: found[0] if any(c.isdigit() for c in found[0]) else " ", text)
    text = _SPACE_BEFORE_MARK.sub(r"\1", " ".join(text.split())).strip()
    if _ONLY_MARKS.fullmatch(text) or text.lower().rstrip(".!?") in _NO_WORDS:
        return ""
    return text[0].upper() + text[1:]
