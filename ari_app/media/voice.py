"""From voice probabilities to the caller's talk spurts: when one started, and when it paused. Pure."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from ari_app.media.vad import WINDOW_S


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """Counts are windows of 32 ms."""

    on: float = 0.5
    """Probability from which a window is voiced."""
    off: float = 0.35
    """Within a talk spurt a window stays voiced above this."""
    start: int = 3
    """Voiced windows, of the last ``start + 1``, that begin a talk spurt. A click or a cough has fewer."""
    sure: float = 2.5
    """Sum of those windows' probabilities at least, so that three doubtful ones do not stop the agent."""
    restart: int = 2
    """The same right after a pause, when the caller is known to be speaking."""
    restart_within: int = 20
    """Windows after a pause in which ``restart`` holds."""
    pause: int = 3
    """Windows without voice that end a talk spurt: 96 ms."""


@dataclass(frozen=True, slots=True)
class Started:
    """A talk spurt began with window number ``window``."""

    window: int


@dataclass(frozen=True, slots=True)
class Paused:
    """The talk spurt ended before window number ``window``."""

    window: int


Change: TypeAlias = Started | Paused
PRE_ROLL: Final = round(0.3 / WINDOW_S + 0.5)
"""Windows before the first voiced one that belong to the talk spurt: 300 ms, so that first consonants survive."""


class VoiceTracker:
    """``step`` once for every window, in order; window numbers count from 0."""

    __slots__ = ("_number", "_paused_at", "_recent", "_settings", "_silent", "speaking")

    def __init__(self, settings: VoiceSettings | None = None) -> None:
        self._settings = settings or VoiceSettings()
        self._number = 0
        self._recent: list[float] = []
        self._silent = 0
        self._paused_at: int | None = None
        self.speaking = False

    @property
    def patience(self) -> int:
        """Windows, 1 or more, after which at the earliest the talk spurt can end; until then their probabilities may wait."""
        return self._settings.pause - self._silent if self.speaking else 1

    def step(self, probability: float) -> Change | None:
        """What the next window changes; None nearly always."""
        number = self._number
        self._number += 1
        return self._while_speaking(number, probability) if self.speaking else self._while_silent(number, probability)

    def _while_silent(self, number: int, probability: float) -> Started | None:
        settings = self._settings
        again = self._paused_at is not None and number - self._paused_at < settings.restart_within
        needed = settings.restart if again else settings.start
        self._recent = [*self._recent, probability][-(needed + 1) :]
        voiced = [p for p in self._recent if p >= settings.on]
        if len(voiced) < needed or sum(voiced) < settings.sure * needed / settings.start or probability < settings.on:
            return None
        first = next(index for index, p in enumerate(self._recent) if p >= settings.on)
        started = Started(number - len(self._recent) + 1 + first)
        self._recent, self._silent, self.speaking = [], 0, True
        return started

    def _while_speaking(self, number: int, probability: float) -> Paused | None:
        self._silent = 0 if probability >= self._settings.off else self._silent + 1
        if self._silent < self._settings.pause:
            return None
        self.speaking = False
        self._paused_at = number
        return Paused(number - self._silent + 1)
