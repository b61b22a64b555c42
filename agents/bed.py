"""When the sound under a silent line is heard, and how loud. Pure; the telephone's line and the one in memory share it.

The bed is heard whenever nothing else leaves the line. It makes room for a clip without delaying it, goes on softly under the caller's
voice, and stays out of a clip's own pauses for as long as silence may last.
"""

from enum import Enum
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from agents.audio import Pcm, seconds

SHORTEST_S: Final = 0.1
LONGEST_S: Final = 120.0
DUCKED: Final = 0.25
"""Amplitude under the caller's voice: -12 dB."""
_RISE_S: Final = 0.2
_FALL_S: Final = 0.06
_SOFT_RISE_S: Final = 0.6
_PATIENCE_S: Final = 1.25
"""Silence in the middle of a clip after which the bed comes in; it is above -50 dBov well before 1.5 s."""
_BREATH_S: Final = 0.6
"""For so long after the caller's voice the bed stays ducked, so that it does not pump between words."""
_REACHED: Final = 1e-6
"""Gains this close are the same."""


def check_bed(pcm: Pcm) -> None:
    """Raises ValueError when ``pcm`` (16 kHz) is shorter than SHORTEST_S or longer than LONGEST_S."""
    if not SHORTEST_S <= seconds(pcm) <= LONGEST_S:
        raise ValueError(f"a bed of {seconds(pcm):.2f} s cannot be looped: give {SHORTEST_S:g} to {LONGEST_S:g} s")


class Leaving(Enum):
    """What of the clips leaves the line."""

    NOTHING = "nothing"
    CLIP = "clip"
    BROKEN = "broken"
    """A clip has begun and is not over, but it is held, or its audio comes too late."""


class Loop(Protocol):
    def __len__(self) -> int:
        """Samples, more than 0."""


L = TypeVar("L", bound=Loop)


class Stretch(NamedTuple, Generic[L]):
    """What of a bed is heard: from sample ``start`` on, its amplitude going evenly from ``gain`` to just before ``until``."""

    loop: L
    start: int
    gain: float
    until: float


class BedPlayer(Generic[L]):
    """One line's bed at ``rate`` samples per second. A bed begins with its first sample, and stands still while it is not heard."""

    __slots__ = ("_broken_s", "_current", "_gain", "_next", "_place", "_rate", "_voice_s")

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._current: L | None = None
        self._next: L | None = None
        self._place = 0
        self._gain = 0.0
        self._broken_s = 0.0
        self._voice_s = _BREATH_S
        """Seconds since the caller was last heard."""

    @property
    def wanted(self) -> bool:
        """Whether a bed is set."""
        return self._next is not None

    @property
    def idle(self) -> bool:
        """Nothing is set and nothing dies away: ``step`` may be left out."""
        return self._next is None and self._current is None

    def set(self, loop: L | None) -> None:
        """Another bed follows when this one has died away; the one that is heard already goes on; None ends it."""
        self._next = loop

    def step(self, samples: int, leaving: Leaving, speaking: bool) -> Stretch[L] | None:
        """What is heard during the next ``samples``; None: no bed. ``speaking``: the caller's voice is on."""
        self._listen(samples / self._rate, leaving, speaking)
        if self._gain == 0.0 and self._current is not self._next:
            self._current, self._place = self._next, 0
        if self._current is None:
            return None
        before = self._gain
        self._gain = self._towards(self._target(leaving), samples / self._rate, leaving)
        if before == self._gain == 0.0:
            return None
        heard = Stretch(self._current, self._place, before, self._gain)
        self._place = (self._place + samples) % len(self._current)
        return heard

    def _listen(self, passed_s: float, leaving: Leaving, speaking: bool) -> None:
        self._broken_s = self._broken_s + passed_s if leaving is Leaving.BROKEN else 0.0
        self._voice_s = 0.0 if speaking else self._voice_s + passed_s

    def _target(self, leaving: Leaving) -> float:
        if self._current is not self._next or leaving is Leaving.CLIP:
            return 0.0
        if leaving is Leaving.BROKEN and self._broken_s <= _PATIENCE_S:
            return 0.0
        return DUCKED if self._voice_s < _BREATH_S else 1.0

    def _towards(self, target: float, passed_s: float, leaving: Leaving) -> float:
        if target < self._gain:
            moved = max(target, self._gain - passed_s / _FALL_S)
        else:
            moved = min(target, self._gain + passed_s / (_SOFT_RISE_S if leaving is Leaving.BROKEN else _RISE_S))
        return target if abs(moved - target) < _REACHED else moved
