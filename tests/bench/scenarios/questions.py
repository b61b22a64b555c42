"""What an agent wants to know, from its words as they were recognised: by questions.yaml."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import yaml

from tests.bench.scenarios.heard import sentences


class Topic(StrEnum):
    """What the agent asks for, offers or says last."""

    REQUEST = "request"
    READ_BACK = "read-back"
    MORE_DIGITS = "more-digits"
    SAY_AGAIN = "say-again"
    ORDER = "order"
    DIGITS = "digits"
    """So many digits, of whatever was spoken of before."""
    POSTCODE = "postcode"
    ADDRESS = "address"
    OWN_PHONE = "own-phone"
    PHONE = "phone"
    CODE = "code"
    REFUND = "refund"
    REFUND_AMOUNT = "refund-amount"
    REFUND_OTHER = "refund-other"
    REASON = "reason"
    DEVICE = "device"
    LIGHT = "light"
    PATTERN = "pattern"
    ADVICE = "advice"
    HELPED = "helped"
    LOOK_TOGETHER = "look-together"
    CALL_WHEN_BACK = "call-when-back"
    PAY_NOW = "pay-now"
    CARD = "card"
    EXPIRY = "expiry"
    SECURITY_CODE = "security-code"
    VISIT_WANTED = "visit-wanted"
    VISIT_OFFER = "visit-offer"
    VISIT_CHOICE = "visit-choice"
    VISIT_DAY = "visit-day"
    VISIT_TIME = "visit-time"
    VISIT_ABOUT = "visit-about"
    VISIT_REFERENCE = "visit-reference"
    WANT_US = "want-us"
    WHICH_LANGUAGE = "which-language"
    PERSON_OFFERED = "person-offered"
    CALLBACK_OFFERED = "callback-offered"
    ANYTHING_ELSE = "anything-else"
    STILL_THERE = "still-there"
    HOLD = "hold"
    FAREWELL = "farewell"
    UNCLEAR = "unclear"
    """A question, or a failure to understand, that no pattern fits."""


def _patterns() -> list[tuple[Topic, re.Pattern[str]]]:
    tree: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text(encoding="utf-8"))
    return [(Topic(topic), re.compile(pattern)) for topic, patterns in tree.items() for pattern in patterns]


_PATTERNS: Final = _patterns()
_MENU: Final = re.compile(r"\b(one|two|three|four|five|six|1|2|3|4|5|6)\b,? (?:for|if|to|when) ([^,.?]+)")
_KEY: Final = {name: str(value) for value, name in enumerate(("one", "two", "three", "four", "five", "six"), 1)}


@dataclass(frozen=True, slots=True)
class Question:
    topic: Topic
    sentence: str
    text: str
    """All that was said in this turn."""
    by_keys: bool
    """Keys of the telephone are asked for."""

    def menu(self) -> dict[str, str]:
        """Key to what it stands for: "press one for the hub, two for a lamp"."""
        return {_KEY.get(key, key): words for key, words in _MENU.findall(self.text.lower())}


def question(text: str) -> Question | None:
    """The last thing that wants an answer; None while nothing does: "One moment please."."""
    told = sentences(text)
    for sentence in reversed(told):
        low = sentence.lower()
        for topic, pattern in _PATTERNS:
            if pattern.search(low):
                return _asked(topic, sentence, text)
    return None


def _asked(topic: Topic, sentence: str, text: str) -> Question:
    keys = re.search(r"\bpress\b|\bkeys?\b|\benter\b", text.lower()) is not None
    return Question(topic, sentence, text, keys)
