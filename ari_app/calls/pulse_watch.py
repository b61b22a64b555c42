"""Whether the media process stands still: it lives, its socket is open, and its callers hear nothing. Pure: time is passed in."""

from dataclasses import dataclass
from typing import Final

EVERY_S: Final = 0.25
"""How often it is looked at."""
SILENT_S: Final = 1.4
"""Without a pulse, of which two come every second."""


@dataclass(slots=True)
class PulseWatch:
    """One link. Only time in which this process could have read a pulse counts: whoever was busy for long has heard nothing either."""

    _pulses: int = -1
    _silent_s: float = 0.0
    _looked_at: float | None = None

    def step(self, pulses: int, now: float) -> bool:
        """True when it stands still. ``pulses``: how many have come so far."""
        passed_s = EVERY_S if self._looked_at is None else min(now - self._looked_at, 2 * EVERY_S)
        self._looked_at = now
        if pulses != self._pulses:
            self._pulses, self._silent_s = pulses, 0.0
            return False
        self._silent_s += passed_s
        return self._silent_s >= SILENT_S
