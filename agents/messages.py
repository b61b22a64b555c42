"""What the background work of a conversation reports to its loop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agents.line import LineEvent
from agents.stt.transcriber import Transcript
from agents.transcript import JsonValue
from agents.turns.events import Tick


@dataclass(frozen=True, slots=True)
class Transcribed:
    utterance: int
    revision: int
    transcript: Transcript | None
    """None: the recogniser failed."""


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


Message: TypeAlias = LineEvent | Tick | Transcribed | ToolDone | SpeechFailed | LastWordsOver | StillWorking
