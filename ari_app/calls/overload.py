"""Whether this worker has more to do than it can do in time: then new calls go elsewhere, and those that it has keep their pace.

Pure: time is passed in. A limit on the number of calls cannot know how dear they are, or who else uses the machine. What callers would
notice is measured instead: how late the event loop comes to what is due, how late packets leave, how long answers take.
"""

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import Final, Self

EVERY_S: Final = 0.25
"""Between two steps."""


@dataclass(frozen=True, slots=True)
class OverloadLimits:
    lag_s: float = 0.3
    """A step that comes later than this is late; infinite: not looked at."""
    late_s: float = 0.1
    """So is one in which a packet left later than this: five packets' time."""
    gap_ms: float = 4000.0
    """From the caller's last word to the agent's first; 0: not looked at."""
    gaps: int = 4
    """That many slow answers in a row, over all calls, are too many."""
    gap_forgotten_s: float = 15.0
    """After the last slow answer."""
    begin: float = 4.0
    """Late steps, less half of the good ones: a second of lateness."""
    most: float = 12.0
    """Not more are counted, so that six good seconds end any overload."""

    @classmethod
    def of(cls, lag_ms: float, gap_ms: float) -> Self:
        """As settings have it: 0 ms of lag looks at neither the loop nor the packets, 0 ms of a gap at no answer."""
        return cls(lag_s=lag_ms / 1000, gap_ms=gap_ms) if lag_ms else cls(lag_s=inf, late_s=inf, gap_ms=gap_ms)


class Overload:
    """``active`` begins with lateness that lasts, and ends when all of it is made good: it does not flap."""

    def __init__(self, limits: OverloadLimits | None = None) -> None:
        self._limits = limits or OverloadLimits()
        self._score = 0.0
        self._slow: deque[float] = deque(maxlen=self._limits.gaps)
        """When the slow answers came that no quick one followed."""
        self.active = False

    def gap(self, gap_ms: float, now: float) -> None:
        """An answer began."""
        if not self._limits.gap_ms:
            return
        if gap_ms >= self._limits.gap_ms:
            self._slow.append(now)
        else:
            self._slow.clear()

    def step(self, lag_s: float, late_s: float, now: float) -> bool:
        """To be called every EVERY_S; ``lag_s``: how late this comes, ``late_s``: the latest packet since the step before."""
        limits = self._limits
        if lag_s >= limits.lag_s or late_s >= limits.late_s:
            # One stop of two seconds is as bad as many short ones.
            self._score = min(limits.most, self._score + max(1.0, lag_s / (2 * EVERY_S)))
        else:
            self._score = max(0.0, self._score - 0.5)
        if self._slow and now - self._slow[-1] > limits.gap_forgotten_s:
            self._slow.clear()
        slow = len(self._slow) == limits.gaps
        if self._score >= limits.begin or slow:
            self.active = True
        elif self._score == 0.0:
            self.active = False
        return self.active
