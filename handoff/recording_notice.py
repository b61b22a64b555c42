"""What callers are told before their call is recorded."""

from collections.abc import Mapping
from typing import Final

RECORDING_NOTICE: Final[Mapping[str, str]] = {
    "en": "This call is recorded.",
    "es": "Esta llamada se graba.",
}


def recording_notice_in(language: str, texts: Mapping[str, str]) -> str:
    """In ``language``, or in English where ``texts`` and what ships have none in it."""
    return texts.get(language) or RECORDING_NOTICE.get(language) or texts.get("en") or RECORDING_NOTICE["en"]
