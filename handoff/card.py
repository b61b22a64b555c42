"""The context card: what the person who picks up must know. Made from a call by ``make_card``, stored and sent as versioned JSON.

Everything in a card made here is redacted already; ``card_to_json`` redacts once more, for cards that were put together by hand.
"""

from handoff.card_making import make_card, new_card_id
from handoff.card_reading import card_from_json, turn_from_json
from handoff.card_types import (
    CARD_STATES,
    CARD_VERSION,
    Attempt,
    Caller,
    CallEvent,
    Card,
    CardError,
    CardSource,
    CardState,
    Consent,
    EmotionConsent,
    EmotionPoint,
    Fact,
    Intent,
    KeyFact,
    NextAction,
    Reason,
    RecordingState,
    Summary,
    Timing,
    Verified,
)
from handoff.card_writing import card_to_json, turn_to_json, whole_ms

__all__ = [
    "CARD_STATES",
    "CARD_VERSION",
    "Attempt",
    "CallEvent",
    "Caller",
    "Card",
    "CardError",
    "CardSource",
    "CardState",
    "Consent",
    "EmotionConsent",
    "EmotionPoint",
    "Fact",
    "Intent",
    "KeyFact",
    "NextAction",
    "Reason",
    "RecordingState",
    "Summary",
    "Timing",
    "Verified",
    "card_from_json",
    "card_to_json",
    "make_card",
    "new_card_id",
    "turn_from_json",
    "turn_to_json",
    "whole_ms",
]
