"""What the turn machine is told besides line events, and what it decides."""

from dataclasses import dataclass
from typing import TypeAlias

from agents.line import DigitPressed, LineClosed, PlaybackFinished, PlaybackStarted, PlaybackStopped, VoicePaused, VoiceStarted


@dataclass(frozen=True, slots=True)
class ClipQueued:
    """The agent is about to speak; to be told before the clip goes to the line."""

    clip: str
    interruptible: bool


@dataclass(frozen=True, slots=True)
class FloorGiven:
    """The agent has asked and waits for an answer; the fields as in ``agents.flows.acts.Listen``."""

    max_keys: int
    at_once: str
    menu: str = ""
    enough: int = 0


@dataclass(frozen=True, slots=True)
class NothingSaid:
    """The committed utterance was noise; the wait for an answer goes on."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The transcript of the utterance's latest pause."""

    utterance: int
    revision: int
    unfinished: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; deadlines may be due."""


TurnEvent: TypeAlias = (
    VoiceStarted
    | VoicePaused
    | PlaybackStarted
    | PlaybackFinished
    | PlaybackStopped
    | DigitPressed
    | LineClosed
    | ClipQueued
    | FloorGiven
    | NothingSaid
    | Understood
    | Tick
)


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Begin to recognise what was said so far; the turn may go on."""

    utterance: int
    revision: int


@dataclass(frozen=True, slots=True)
class Discard:
    """The caller goes on, or keys instead: throw away what was begun for this revision and all earlier ones."""

    utterance: int
    revision: int
    whole: bool
    """The utterance itself is void; otherwise only the work on its unfinished form."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The turn is over."""

    utterance: int
    revision: int
    """The revision whose transcript counts; a cut utterance gets a new one, not yet begun."""
    started_at: float
    ended_at: float
    """End of the last voiced frame."""
    cut: bool
    """By the length limit, while the voice goes on."""


@dataclass(frozen=True, slots=True)
class CommitKeys:
    keys: str
    """May be empty: the caller pressed only ``#``."""
    started_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class NoInput:
    pass


@dataclass(frozen=True, slots=True)
class StopPlayout:
    pass


TurnAction: TypeAlias = Transcribe | Discard | Commit | CommitKeys | NoInput | StopPlayout
