"""What callers are told before the sound of their voice is analysed."""

from collections.abc import Mapping
from typing import Final

NOTICE: Final[Mapping[str, str]] = {
    "en": "To serve you better, a computer also judges the tone of your voice on this call.",
    "es": "Para atenderle mejor, un ordenador también valora el tono de su voz en esta llamada.",
}


def notice_in(language: str, texts: Mapping[str, str]) -> str:
    """In ``language``, or in English where ``texts`` and what ships have none in it."""
    return texts.get(language) or NOTICE.get(language) or texts.get("en") or NOTICE["en"]
