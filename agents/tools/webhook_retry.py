"""Whether a webhook's request is sent again, and when. Pure."""

import random
from dataclasses import dataclass
from typing import Final

FIRST_WAIT_S: Final = 0.05
LEAST_ATTEMPT_S: Final = 0.1
"""With less time left nothing is tried any more."""

_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


def worth_repeating(status: int) -> bool:
    """Faults that pass. Any other refusal would be refused again."""
    return status in _AGAIN


@dataclass(slots=True)
class Attempts:
    """One use of a webhook within its limit. Times in seconds on any steady clock."""

    retries: int
    until: float
    made: int = 0

    def limit(self, now: float) -> float:
        """How long the next attempt may take: a stalled one must leave time for those after it."""
        return max(0.0, self.until - now) / (self.retries + 1 - self.made)

    def begin(self) -> None:
        self.made += 1

    def wait(self, now: float) -> float | None:
        """Pause before the next attempt, with jitter so that many calls do not come back at once; None: it was the last."""
        if self.made > self.retries:
            return None
        pause = FIRST_WAIT_S * 2 ** (self.made - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, guards nothing
        return pause if now + pause + LEAST_ATTEMPT_S <= self.until else None
