"""What a conversation leaves behind: turns, events, an outcome. Plain data; whoever stores or shows it implements Sink."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

JsonValue: TypeAlias = str | int | float | bool | list["JsonValue"] | dict[str, "JsonValue"] | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said by one side. Times are seconds on ``time.monotonic()``."""

    number: int
    """From 1, in order, over both sides; goes on counting when the caller comes back from a queue."""
    who: Literal["caller", "agent"]
    text: str
    """Agent: the whole sentence that was meant. Caller: the transcript, or the digits keyed."""
    heard: str
    """Agent: the part that the caller had heard when it ended or was interrupted. Caller: same as text."""
    started_at: float
    ended_at: float
    via: Literal["speech", "keypad"] = "speech"
    interrupted: bool = False
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by stage of an agent turn that answers the caller: ``end_of_turn`` (last voiced frame to commit), ``stt``,
    ``dialogue``, ``tts`` (text to first audio), ``gap`` (last voiced frame of the caller to first frame of the agent). Of spoken turns also
    ``wait`` (the silence decided on for the end of the turn) and ``speculation`` (the part of recognition and voice that was done before
    the turn ended, so that nobody waited for it; 0: none)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a conversation ended."""

    kind: Literal["goodbye", "handover", "caller_left", "failed"]
    reason: str = ""
    """Machine-readable: for a handover ``caller_request``, ``repeated_failure``, ``no_input``, ``tool_error``, ``pipeline_error`` or
    ``time_limit``; else free."""
    queue: str = ""
    """The target queue of a handover."""
    intent: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)


class Sink(Protocol):
    """Receives what happens, at once and without blocking."""

    def turn(self, turn: Turn) -> None: ...

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None: ...

    def partial(self, text: str, at: float) -> None:
        """What the caller has said so far, or the end of it; for whoever watches the call, never for its records.

        The next one replaces it, as does the turn; empty text: it came to nothing.
        """
        ...

    def listens(self, node: str, question: str) -> None:
        """The caller has the floor at this node, after this question (empty: none was put). For whoever watches, as ``partial``."""
        ...
