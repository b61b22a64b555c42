"""When to start a dead process again: at once the first time, slower when it keeps dying. Pure: time is passed in."""

from dataclasses import dataclass


@dataclass(slots=True)
class RestartPolicy:
    """Delays double from ``first_s`` to ``longest_s`` and fall back after ``healthy_s`` of uninterrupted life."""

    first_s: float = 0.1
    longest_s: float = 5.0
    healthy_s: float = 30.0
    _delay_s: float = 0.0

    def delay(self, *, lived_s: float) -> float:
        """Seconds to wait before the next start of a process that lived ``lived_s`` seconds."""
        if lived_s >= self.healthy_s or self._delay_s == 0.0:
            self._delay_s = self.first_s
        else:
            self._delay_s = min(self._delay_s * 2, self.longest_s)
        return self._delay_s
