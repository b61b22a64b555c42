"""A simulated call as a plan: who calls, over what line, and what is said and how. Plain data, the same for the same seed."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Purpose: TypeAlias = Literal["tune", "report"]
"""Thresholds and words may be chosen with what belongs to ``tune``; figures come from ``report``. They share no sentence and no voice."""
Kind: TypeAlias = Literal["calm", "angry"]
Manner: TypeAlias = Literal["usual", "loud", "nearer", "cheerful", "angry"]
"""How the voice is shaped: as synthesised; loud from the start; moving nearer to the telephone; cheerful; angry."""
Noise: TypeAlias = Literal["none", "street", "babble"]


@dataclass(frozen=True, slots=True)
class Utterance:
    text: str
    angry: bool
    level_dbov: float
    """Active speech level before the line is coded."""
    semitones: float = 0.0
    """Pitch against the synthesised voice; its formants and its speed move along, as the sound is played faster."""
    widening: float = 1.0
    """Of the movements of level: above 1 the loud parts stand out more."""
    tilt_db: float = 0.0
    """Per octave above 1 kHz: strained voices have more of the high sounds."""
    pause_s: float = 3.0
    """From the end of the caller's last turn to the beginning of this one: what the agent takes to answer."""


@dataclass(frozen=True, slots=True)
class Line:
    """What lies between the caller's mouth and the analyser."""

    noise: Noise
    snr_db: float
    """Against the usual level of this caller; infinite without noise."""


NO_NOISE: Final = Line("none", float("inf"))


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    kind: Kind
    domain: str
    voice: str
    manner: Manner
    line: Line
    seed: int
    """Of the noise."""
    utterances: tuple[Utterance, ...]
    happenings: tuple[tuple[int, str], ...] = ()
    """Events as any call has them: index of the utterance they come after, and kind."""

    @property
    def angry_at(self) -> tuple[int, ...]:
        """Indices of the angry utterances."""
        return tuple(index for index, each in enumerate(self.utterances) if each.angry)
