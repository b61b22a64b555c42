"""A circuit breaker: a provider that keeps failing is left alone for a while, then tried with one request.

Pure: every method takes the time, in seconds of any clock that runs steadily.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    failures: int = 3
    """In a row, after which nothing more is sent."""
    open_s: float = 10.0
    """How long nothing is sent; doubled with every probe that fails."""
    longest_s: float = 120.0
    probe_s: float = 10.0
    """A probe of which nothing is heard for so long counts as given up."""


class Breaker:
    """Closed (all may pass), open (nobody), half open (one probe, whose fate decides)."""

    def __init__(self, limits: BreakerLimits | None = None) -> None:
        self._limits = limits or BreakerLimits()
        self._failures = 0
        self._opened = 0
        """Times in a row that it opened."""
        self._until: float | None = None
        self._probing_since: float | None = None

    def state(self, now: float) -> Literal["closed", "open", "half_open"]:
        if self._until is None:
            return "closed"
        return "open" if now < self._until else "half_open"

    def allows(self, now: float) -> bool:
        """Whether a request would be let through."""
        match self.state(now):
            case "closed":
                return True
            case "open":
                return False
            case "half_open":
                return self._probing_since is None or now >= self._probing_since + self._limits.probe_s

    def begun(self, now: float) -> None:
        """A request is sent. In the half-open state it is the probe."""
        if self.state(now) == "half_open":
            self._probing_since = now

    def worked(self) -> None:
        self._failures = self._opened = 0
        self._until = self._probing_since = None

    def abandoned(self) -> None:
        """A request was given up before anything could be told of the provider."""
        self._probing_since = None

    def failed(self, now: float, leave_alone_s: float = 0.0) -> None:
        """``leave_alone_s``: open at once, and for so long at least."""
        if self.state(now) == "open":
            return
        self._failures += 1
        limits = self._limits
        if leave_alone_s > 0 or self._probing_since is not None or self._failures >= limits.failures:
            self._until = now + max(leave_alone_s, min(limits.longest_s, limits.open_s * 2**self._opened))
            self._opened += 1
            self._failures = 0
        self._probing_since = None
