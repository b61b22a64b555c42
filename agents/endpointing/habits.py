"""What a caller's own pauses, earlier in the call, add to the wait."""

from typing import Final

_USUAL_S: Final = 0.4
"""Pause inside a turn that is expected of a caller nobody has heard yet."""
_TRUST: Final = 3.0
"""Pauses that the expectation counts for."""
_LONGEST_S: Final = 2.0
"""A longer pause says no more than this."""
_RAISE: Final = 1.5
"""Seconds of wait for each second that the caller's pauses are longer than usual."""
MOST_S: Final = 0.8
"""Most that habits can add."""
_FORGETTING: Final = 0.85
"""What a pause still counts one turn later."""


class Habits:
    """Of one caller in one call."""

    def __init__(self) -> None:
        self._count = 0.0
        self._total_s = 0.0

    def paused(self, pause_s: float) -> None:
        """The caller went on after ``pause_s`` of silence, 0 or more."""
        self._count += 1
        self._total_s += min(max(pause_s, 0.0), _LONGEST_S)

    def turn_ended(self) -> None:
        self._count *= _FORGETTING
        self._total_s *= _FORGETTING

    @property
    def extra_s(self) -> float:
        """To be added to the wait of a turn of which nothing can be told, 0 to MOST_S."""
        longer_s = (self._total_s - self._count * _USUAL_S) / (_TRUST + self._count)
        return min(max(0.0, _RAISE * longer_s), MOST_S)
