"""When an agent wants a person, as data: what the caller asks for, or how the caller feels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.sdk.emotion_names import state_named


@dataclass(frozen=True, slots=True)
class IntentTrigger:
    """Words of this kind lead to a person at once."""

    name: str
    """Such as ``cancel_contract``; the reason of the transfer."""
    examples: Sequence[str] = ()
    """Sentences as callers say them, a handful."""
    phrases: Sequence[str] = ()
    """Exact patterns, see agents/flows/intents.py."""
    queue: str = ""
    """Empty: the queue of the agent."""
    say: str = ""
    """Heard on the way; empty: the usual sentence."""

    def __post_init__(self) -> None:
        check_name(self.name, "intent trigger")
        if not self.examples and not self.phrases:
            raise ValueError(
                f"the intent trigger {self.name!r} has neither examples nor phrases; write some sentences that callers would say"
            )


@dataclass(frozen=True, slots=True)
class EmotionTrigger:
    """A feeling this strong, for so many turns in a row, leads to a person. Judged by the escalation rules of the service."""

    emotion: str
    """Such as anger, frustration or distress; ``agents.sdk.emotion_names`` has them all."""
    above: float = 0.7
    """0 to 1."""
    turns: int = 1
    """In a row."""
    queue: str = ""

    def __post_init__(self) -> None:
        state_named(self.emotion)
        if not 0 <= self.above <= 1:
            raise ValueError(f"the emotion trigger {self.emotion!r} has above={self.above}; give a level from 0 to 1")
        if self.turns < 1:
            raise ValueError(f"the emotion trigger {self.emotion!r} has turns={self.turns}; give 1 or more")


Trigger = IntentTrigger | EmotionTrigger


def check_name(name: str, what: str) -> None:
    """Raises ValueError."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
        raise ValueError(f"{name!r} cannot be the name of an {what}: use small letters, digits and _, such as opening_hours")
