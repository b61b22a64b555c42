"""Named deadlines of a state machine without a clock."""

from dataclasses import dataclass, field
from enum import Enum


class Timer(Enum):
    END_OF_TURN = "end_of_turn"
    PARTIAL = "partial"
    """The next transcript while the voice is on."""
    DECISION = "decision"
    """Whether the caller interrupts must be settled, with or without words."""
    NO_INPUT = "no_input"
    MAX_UTTERANCE = "max_utterance"
    INTER_DIGIT = "inter_digit"
    PLAYBACK = "playback"


@dataclass(slots=True)
class Timers:
    """At most one deadline per name. Each one that is armed is cancelled (re-arming cancels too) or fires once."""

    due: dict[Timer, float] = field(default_factory=dict)
    armed: int = 0
    cancelled: int = 0
    fired: int = 0

    def arm(self, timer: Timer, at: float) -> None:
        self.cancel(timer)
        self.due[timer] = at
        self.armed += 1

    def cancel(self, *timers: Timer) -> None:
        for timer in timers:
            if self.due.pop(timer, None) is not None:
                self.cancelled += 1

    def pop_due(self, now: float) -> Timer | None:
        """The earliest deadline that has passed, taken out; None when there is none."""
        timer = min(self.due, key=lambda t: self.due[t], default=None)
        return timer if timer is not None and self.take_due(timer, now) else None

    def take_due(self, timer: Timer, now: float) -> bool:
        """Whether this deadline has passed; it is taken out then."""
        if timer not in self.due or self.due[timer] > now:
            return False
        del self.due[timer]
        self.fired += 1
        return True

    def next(self) -> float | None:
        return min(self.due.values(), default=None)
