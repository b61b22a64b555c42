"""Named deadlines of a state machine without a clock."""

from dataclasses import dataclass, field
from enum import Enum


class Timer(Enum):
    END_OF_TURN = "end_of_turn"
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

    def cancel(self, timer: Timer) -> None:
        if self.due.pop(timer, None) is not None:
            self.cancelled += 1

    def pop_due(self, now: float) -> Timer | None:
        """The earliest deadline that has passed, taken out; None when there is none."""
        if not self.due:
            return None
        timer = min(self.due, key=lambda t: self.due[t])
        if self.due[timer] > now:
            return None
        del self.due[timer]
        self.fired += 1
        return timer

    def next(self) -> float | None:
        return min(self.due.values(), default=None)
