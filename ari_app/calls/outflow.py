"""Whether anything goes out to the caller. Pure: fed with pulses of the media process, judged by the times in them."""

from dataclasses import dataclass
from typing import Final

from ari_app.media.pulse import EVERY_S, Pulse

_LONGEST_S: Final = 1.5 * EVERY_S
"""Two pulses that lie farther apart say that the whole process stood, and nothing of this line."""
_STILL: Final = 2
"""Intervals in a row without a packet: a second."""


@dataclass(slots=True)
class Outflow:
    """One line, from ``attach`` on. Packets are due every 20 ms, so half a second without any is no chance."""

    _before: Pulse | None = None
    _still: int = 0

    def step(self, pulse: Pulse) -> bool:
        """True when for a second nothing has left, or the network refused every other packet: the other side does not listen."""
        before, self._before = self._before, pulse
        if before is None or pulse.at <= before.at:
            return False
        sent, failed = pulse.sent - before.sent, pulse.failed - before.failed
        if pulse.at - before.at > _LONGEST_S or sent > 2 * failed:
            self._still = 0
        else:
            self._still += 1
        return self._still >= _STILL
