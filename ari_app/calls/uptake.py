"""Whether the conversation takes what comes from the line. Pure: time is passed in."""

from dataclasses import dataclass
from typing import Final

STANDS_S: Final = 1.4
_MOST_S: Final = 0.5
"""Of one step: when this process itself stood still, the conversation had no chance either."""


@dataclass(slots=True)
class Uptake:
    """One place where things wait to be taken: the line's events, or what the conversation has yet to look at."""

    _taken: int = -1
    _stands_s: float = 0.0
    _looked_at: float | None = None

    def step(self, waiting: bool, taken: int, now: float) -> bool:
        """True when something has waited for STANDS_S and nothing was taken meanwhile. ``taken``: how many so far."""
        passed_s = 0.0 if self._looked_at is None else min(now - self._looked_at, _MOST_S)
        self._looked_at = now
        if not waiting or taken != self._taken:
            self._taken, self._stands_s = taken, 0.0
            return False
        self._stands_s += passed_s
        return self._stands_s >= STANDS_S
