"""What the background work of a conversation reports to its loop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agents.line import LineEvent
from agents.llm.task import ModelEvent
from agents.stt.transcriber import Transcript
from agents.transcript import JsonValue
from agents.turns.events import Tick


@dataclass(frozen=True, slots=True)
class Transcribed:
    utterance: int
    revision: int
    transcript: Transcript | None
    """None: the recogniser failed."""
    begun_at: float
    done_at: float
    partial: bool = False
    """The voice was on: the latest seconds of what was said so far."""


@dataclass(frozen=True, slots=True)
class ToolDone:
    serial: int
    result: Mapping[str, JsonValue] | None
    """None: the tool failed or took too long."""


@dataclass(frozen=True, slots=True)
class SpeechFailed:
    reply: int


@dataclass(frozen=True, slots=True)
class LastWordsOver:
    """The last sentence must have ended by now, whatever the line reports."""


@dataclass(frozen=True, slots=True)
class StillWorking:
    """The caller has waited for a tool in silence."""

    serial: int


@dataclass(frozen=True, slots=True)
class ModelTold:
    """A language model's turn went on."""

    serial: int
    event: ModelEvent | None
    """None: the caller has waited for it in silence."""


@dataclass(frozen=True, slots=True)
class SayThis:
    """Somebody outside the dialogue wants a sentence said: the agent's own code, or a supervisor."""

    text: str


@dataclass(frozen=True, slots=True)
class LearnThis:
    """Facts from outside the dialogue."""

    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TransferNow:
    queue: str
    reason: str
    say: str = ""
    """Heard on the way; empty: the usual sentence."""


@dataclass(frozen=True, slots=True)
class AnnounceThis:
    """One of the agent's announcements is wanted, with the facts that it is about."""

    name: str
    facts: Mapping[str, str]
    at_once: bool
    """Into whatever is being said, by whomever."""


@dataclass(frozen=True, slots=True)
class InstructThis:
    """A supervisor tells the agent something in private."""

    text: str


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """Words or keys that came while the conversation before was putting the caller through: they are on record, and want an answer."""

    text: str
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class EndNow:
    """Somebody outside decided that the conversation is over."""

    reason: str
    after_sentence: bool
    """What is being said may be said to the end of its sentence."""


@dataclass(frozen=True, slots=True)
class CallerHolds:
    """The caller has put the call on hold, or takes it back (``on`` False)."""

    on: bool


FromOutside: TypeAlias = SayThis | LearnThis | TransferNow | AnnounceThis | InstructThis | EndNow
Unanswered: TypeAlias = LineEvent | SaidBefore
Message: TypeAlias = (
    Unanswered | Tick | Transcribed | ToolDone | SpeechFailed | LastWordsOver | StillWorking | ModelTold | CallerHolds | FromOutside
)
