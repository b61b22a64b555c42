"""How moods are said. Names are codes of ours, never what somebody said: others are not let through."""

import re
from typing import Final

from handoff.card_words import Words, words_for

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*", re.IGNORECASE)
_LONGEST_NAME: Final = 64

TROUBLED: Final[tuple[str, ...]] = ("frustrated", "confused", "urgent")
"""Moods that whoever takes over should know of before they speak."""

LABELS: Final[dict[str, Words]] = {
    "en": {"calm": "calm", "frustrated": "frustrated", "confused": "confused", "urgent": "urgent", "satisfied": "satisfied"},
    "es": {"calm": "calma", "frustrated": "frustración", "confused": "confusión", "urgent": "urgencia", "satisfied": "satisfacción"},
}

BY_VOICE: Final[dict[str, Words]] = {
    "en": {"frustrated": "sounds frustrated", "confused": "sounds confused", "urgent": "sounds in a hurry"},
    "es": {
        "frustrated": "se le nota frustración en la voz",
        "confused": "se le nota confusión en la voz",
        "urgent": "se le nota prisa en la voz",
    },
}
BY_WORDS: Final[dict[str, Words]] = {
    "en": {"frustrated": "seems frustrated by their words", "confused": "seems confused by their words", "urgent": "says it is urgent"},
    "es": {
        "frustrated": "se le nota frustración en lo que dice",
        "confused": "se le nota confusión en lo que dice",
        "urgent": "dice que es urgente",
    },
}
BRIEFLY: Final[dict[str, Words]] = {
    "en": {"frustrated": "seems frustrated", "confused": "seems confused", "urgent": "seems in a hurry"},
    "es": {"frustrated": "se nota frustración", "confused": "se nota confusión", "urgent": "se nota prisa"},
}
"""To be heard; by voice it is BRIEFLY_HEARD."""
BRIEFLY_HEARD: Final[dict[str, Words]] = {
    "en": {"frustrated": "sounds frustrated", "confused": "sounds confused", "urgent": "sounds in a hurry"},
    "es": {"frustrated": "suena con frustración", "confused": "suena con confusión", "urgent": "suena con prisa"},
}


def code_in(value: object) -> str:
    """``value`` when it is such a name as our own parts give to moods, signals and rules; else empty."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_NAME and _NAME.fullmatch(value.replace("-", "_")) else ""


def label_in_words(label: str, language: str = "en") -> str:
    return words_for(LABELS, language).get(label) or label.replace("_", " ")
