"""How the agent talks to this caller at this moment. One for each call: it outlives the conversations of the call."""

from collections.abc import Callable
from dataclasses import replace

from agents.manner import Manner
from agents.sdk.manner_change import QUICKEST, SLOWEST
from agents.transcript import JsonValue

Told = Callable[[Manner, str], None]
"""Gets the manner from now on, and why."""


class MannerInForce:
    """Whoever speaks asks ``now`` when a sentence is about to be heard; whoever decides what is said asks when that is decided.

    ``told`` hears of every change, whoever made it: for the records.
    """

    def __init__(self, manner: Manner | None = None, told: Told | None = None) -> None:
        self._now = _within_limits(manner or Manner())
        self._told = told

    @property
    def now(self) -> Manner:
        return self._now

    def set(self, manner: Manner, why: str = "") -> bool:
        """From now on. A pace out of range is taken to the limit. True: that changes something. ``why``: a word for the records."""
        manner = _within_limits(manner)
        if manner == self._now:
            return False
        self._now = manner
        if self._told is not None:
            self._told(manner, why)
        return True


def as_event(manner: Manner, why: str) -> dict[str, JsonValue]:
    """Data of the event ``manner``."""
    return {
        "pace": round(manner.pace, 3),
        "slow_readback": manner.slow_readback,
        "short": manner.short,
        "tone": manner.tone,
        "why": why,
    }


def _within_limits(manner: Manner) -> Manner:
    """Raises ValueError for a pace that is no number."""
    if manner.pace != manner.pace:
        raise ValueError(f"the pace {manner.pace} is no number; give one from {SLOWEST} to {QUICKEST}")
    pace = min(max(manner.pace, SLOWEST), QUICKEST)
    return manner if pace == manner.pace else replace(manner, pace=pace)
