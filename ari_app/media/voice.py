"""From voice probabilities to the caller's talk spurts: when one started, and when it paused. Pure."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from ari_app.media.vad import WINDOW_S


class VoiceSettings(BaseModel):
    """Every setting of voice activity. A window is 32 ms, a packet 20 ms; levels above the noise floor of the line are in dB."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    doubt: float = Field(
        0.3, ge=0.05, le=0.9, description="Probability that speaks neither for nor against a voice; what is above it adds up to evidence."
    )
    sure: float = Field(0.9, ge=0.1, le=10, description="Evidence that begins a talk spurt: 0.9 are two windows of 0.75 or four of 0.53.")
    sure_again: float = Field(0.75, ge=0.1, le=10, description="The same right after a pause, when the caller is known to be speaking.")
    again_within: int = Field(20, ge=0, le=500, description="Windows after a pause in which sure_again holds.")
    off: float = Field(0.35, ge=0.01, le=0.99, description="Within a talk spurt a window stays voiced from this probability on.")
    fade_db: float = Field(
        26.0, ge=6, le=90, description="A window so far below the loudest of the spurt is silent whatever its probability."
    )
    noise_db: float = Field(0.8, ge=-90, le=20, description="So is one that is less than this above the noise floor before the spurt.")
    pause: int = Field(3, ge=2, le=60, description="Windows without voice that end a talk spurt: 3 are 96 ms.")
    suspect: float = Field(0.2, ge=0.05, le=10, description="Evidence that holds an agent who is speaking: 0.2 is one window of 0.5.")
    suspect_rise_db: float = Field(10.0, ge=3, le=60, description="So far above the floor a lasting sound may hold the agent too.")
    suspect_packets: int = Field(6, ge=1, le=50, description="Packets in a row with suspect_rise_db that do so.")
    suspect_hint: float = Field(0.05, ge=0, le=1, description="Probability of one of their windows at least; steady noises stay below.")
    doubt_packets: int = Field(3, ge=1, le=50, description="Packets without sound or voice after which the agent goes on.")
    stir_packets: int = Field(
        8, ge=1, le=50, description="Packets after which an agent who was kept from beginning by a sound without a voice in it begins."
    )
    longest_doubt: int = Field(17, ge=2, le=100, description="Packets after which the agent goes on although the sound lasts.")


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

    __slots__ = ("_doubt", "_first", "_number", "_off", "_pause", "_paused_at", "_settings", "_silent", "evidence", "speaking")

    def __init__(self, settings: VoiceSettings | None = None) -> None:
        self._settings = settings = settings or VoiceSettings()
        # An attribute of a pydantic model costs as much as the whole step.
        self._doubt, self._off, self._pause = settings.doubt, settings.off, settings.pause
        self._number = 0
        self._first = 0
        self._silent = 0
        self._paused_at: int | None = None
        self.evidence = 0.0
        """For a voice that is about to be one; 0 within a talk spurt."""
        self.speaking = False

    @property
    def patience(self) -> int:
        """Windows, 1 or more, after which at the earliest the talk spurt can end; until then their probabilities may wait."""
        return self._pause - self._silent if self.speaking else 1

    def step(self, probability: float) -> Change | None:
        """What the next window changes; None nearly always."""
        number = self._number
        self._number += 1
        return self._while_speaking(number, probability) if self.speaking else self._while_silent(number, probability)

    def _while_silent(self, number: int, probability: float) -> Started | None:
        if not self.evidence:
            self._first = number
        self.evidence = evidence = max(0.0, self.evidence + probability - self._doubt)
        if not evidence:
            return None
        settings = self._settings
        again = self._paused_at is not None and number - self._paused_at < settings.again_within
        if evidence < (settings.sure_again if again else settings.sure):
            return None
        self.evidence, self._silent, self.speaking = 0.0, 0, True
        return Started(self._first)

    def _while_speaking(self, number: int, probability: float) -> Paused | None:
        self._silent = 0 if probability >= self._off else self._silent + 1
        if self._silent < self._pause:
            return None
        self.speaking = False
        self._paused_at = number
        return Paused(number - self._silent + 1)
