"""What the turn machine is told besides line events, and what it decides."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from agents.line import (
    DigitPressed,
    LineClosed,
    PlaybackFinished,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    VoicePaused,
    VoiceStarted,
)
from agents.turns.knobs import TurnKnobs


@dataclass(frozen=True, slots=True)
class ClipQueued:
    """The agent is about to speak; to be told before the clip goes to the line."""

    clip: str
    interruptible: bool


class Expected(Enum):
    """What kind of answer a question asks for."""

    OPEN = "open"
    YES_NO = "yes_no"
    DIGITS = "digits"


@dataclass(frozen=True, slots=True)
class FloorGiven:
    """The agent has asked and waits for an answer; the fields as in ``agents.flows.acts.Listen``.

    Comes when the question is queued, before it has been heard.
    """

    max_keys: int
    at_once: str
    menu: str = ""
    enough: int = 0
    expected: Expected = Expected.OPEN
    knobs: TurnKnobs | None = None
    """Those in force from this question on; None: as before."""


@dataclass(frozen=True, slots=True)
class NothingSaid:
    """The committed utterance was noise; the wait for an answer goes on."""


class Words(Enum):
    """What the words of an utterance weigh against the agent's own."""

    NONE = "none"
    """No words: a cough, a noise."""
    ECHO = "echo"
    """The agent's own words of just now."""
    ACK = "ack"
    """Nothing but backchannels: "mm-hm", "okay", "right"."""
    STOP = "stop"
    """Words that always interrupt: "stop", "no", "operator", digits when digits were asked for."""
    SPEECH = "speech"
    """Other words."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The transcript that a Transcribe asked for."""

    utterance: int
    revision: int
    words: Words
    count: int
    """Words, backchannels apart."""
    wait_s: float
    """Silence after the last voiced frame that ends the turn, in s; of no meaning while the voice is on."""


@dataclass(frozen=True, slots=True)
class PlaybackLeft:
    """How much of what is queued the caller has still to hear, estimated, in s; given with every VoiceStarted before it is stepped."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; deadlines may be due."""


TurnEvent: TypeAlias = (
    VoiceStarted
    | VoicePaused
    | PlaybackStarted
    | PlaybackFinished
    | PlaybackStopped
    | PlaybackPaused
    | PlaybackResumed
    | PlaybackLeft
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
    """Begin to recognise what was said so far; the turn may go on. Each has a new revision."""

    utterance: int
    revision: int
    partial: bool = False
    """The voice is on: for the eyes and for barge-in, not for an answer."""


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
class HoldPlayout:
    """Hold the line: something was queued while the caller speaks."""


@dataclass(frozen=True, slots=True)
class StopPlayout:
    """The interruption is real: what has not been heard is dropped."""


@dataclass(frozen=True, slots=True)
class ResumePlayout:
    """It was no interruption: the agent goes on. The Discard of the utterance, whole, goes before.

    Without a Discard: it was one, but a protected sentence waits behind what is held; the caller is answered after it.
    """

    utterance: int
    words: Words


@dataclass(frozen=True, slots=True)
class Backchannel:
    """A moment for the agent's own "mm-hm" in the caller's long turn."""


TurnAction: TypeAlias = Transcribe | Discard | Commit | CommitKeys | NoInput | HoldPlayout | StopPlayout | ResumePlayout | Backchannel
