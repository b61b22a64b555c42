"""The vocabulary of this folder: what each part tells of an utterance, and what comes of all of them.

Levels are 0 to 1. Arousal is 0 to 1 with 0.5 as the caller's own usual; valence is -1 (unpleasant) to 1 (pleasant).
Nothing here holds words of the caller: a reason names the pattern or the feature, never what was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

State: TypeAlias = Literal["frustrated", "confused", "urgent", "satisfied"]
STATES: Final[tuple[State, ...]] = get_args(State)
Mode: TypeAlias = Literal["off", "text", "audio"]
"""off: nothing is analysed. text: words and behaviour. audio: the sound of the caller's voice too, which the greeting announces."""
Method: TypeAlias = Literal["text", "audio"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that moved a level."""

    signal: str
    """Dotted, such as ``voice.pitch_median``, ``words.complaint``, ``behaviour.repeats``."""
    value: float
    """In the unit of the signal: semitones, dB, a count, a level."""
    usual: float | None = None
    """What it is in the usual speech of this caller; None where there is no such thing."""
    weight: float = 0.0
    """How far it moved the level it is a reason for: negative lowered it."""


@dataclass(frozen=True, slots=True)
class VoiceSigns:
    """What the sound of one utterance says."""

    arousal: float
    valence: float
    anger: float
    """0 to 1: angry against everything else."""
    confidence: float
    """0 to 1: of little voice, much noise or no baseline yet comes little."""
    voiced_s: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class WordSigns:
    """What the words of one utterance say."""

    valence: float = 0.0
    arousal: float = 0.5
    states: Mapping[State, float] = field(default_factory=dict)
    """Those that the words speak for; a missing one is 0."""
    confidence: float = 0.0
    """0: the words say nothing about it."""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class BehaviourSigns:
    """What the caller has done lately says."""

    states: Mapping[State, float] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    level: float = 0.0
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Feeling:
    """Of one utterance: all signs fused."""

    valence: float
    arousal: float
    states: Mapping[State, Level]
    """All of STATES."""
    method: Method
    """audio: the voice had a part in it."""
    reasons: tuple[Reason, ...] = ()
    """The strongest first."""


@dataclass(frozen=True, slots=True)
class Mood:
    """A point of the smoothed course over the call."""

    valence: float
    arousal: float
    states: Mapping[State, Level]
    on: frozenset[State] = frozenset()
    """Those that hold, with hysteresis: one comes on at a higher level than that at which it goes off."""

    @property
    def label(self) -> str:
        """The strongest state that holds, or ``calm``."""
        return max(sorted(self.on), key=lambda state: self.states[state].level, default="calm")
