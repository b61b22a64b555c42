"""The last step: signs that are spoken become words, all others go, and blanks and marks are put in order."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from agents.wording.language import spoken_in

_KEPT: Final = frozenset(".,;:?!'\"()- ")
_UNTIDY: Final = re.compile(
    r"\s[.,;:?!)]|\s\s|\(\s|[,;:]\s?[.,;:?!]|^[\s.,;:?!-]|[\s,;:-]$|\(\)|(?:^|[\s(])-|-(?:$|[\s)])|[.?!]\s?[,;:]|[?!.]{4}"
)
_BLANKS: Final = re.compile(r"\s+")
_EMPTY: Final = re.compile(r"\(\s*\)")
_LONE_DASH: Final = re.compile(r"(?:^|(?<=[\s(]))-+|-+(?=$|[\s)])")
_BEFORE: Final = re.compile(r"\s+([.,;:?!)])")
_INSIDE: Final = re.compile(r"\(\s+")
_WEAK_FIRST: Final = re.compile(r"[,;:]+\s?(?=[.,;:?!])")
_WEAK_AFTER: Final = re.compile(r"(?<=[.?!])\s?[,;:]+")
_MANY: Final = re.compile(r"([.?!]{3})[.?!]+")
_EDGE: Final = re.compile(r"^[\s.,;:?!-]+|[\s,;:-]+$")
_ODD: Final = re.compile(r"[^A-Za-z .,;:?!'\"()-]")


def is_settled(text: str) -> bool:
    """True when only letters and ordinary marks are left, in good order."""
    return all(_stays(found[0]) for found in _ODD.finditer(text)) and not _UNTIDY.search(text)


@lru_cache(maxsize=4096)
def _stays(c: str) -> bool:
    if c.isascii():
        return c.isalpha() or c in _KEPT
    return unicodedata.category(c) in ("Ll", "Lu", "Lt", "Lo", "Lm", "Mn", "Mc") and not "\ufe00" <= c <= "\ufe0f"


@lru_cache
def _table(language: str) -> dict[str, str]:
    return {sign: f" {word} " for sign, word in spoken_in(language).signs_spoken.items()}


def write_signs(text: str, language: str) -> str:
    """``text`` as ``is_settled`` wants it."""
    if _ODD.search(text):
        table = _table(language)
        text = "".join(c if _stays(c) else table.get(c, " ") for c in text)
    while _UNTIDY.search(text):
        text = _EMPTY.sub(" ", _LONE_DASH.sub(",", _BLANKS.sub(" ", text)))
        text = _INSIDE.sub("(", _BEFORE.sub(r"\1", text))
        text = _WEAK_AFTER.sub("", _WEAK_FIRST.sub("", text))
        text = _EDGE.sub("", _MANY.sub(r"\1", text))
    return text
