"""The seam between a conversation and a language model: one turn to be answered, and what comes of it, piece by piece."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from agents.tools.toolbox import Toolbox
from agents.transcript import JsonValue, Turn

FAILED: Final = "failed"
"""The exit taken when no model could answer."""


@dataclass(frozen=True, slots=True)
class ModelTask:
    """One turn. ``turns`` hold only what was really heard: of an interrupted sentence the part before the interruption."""

    goal: str
    """What this part of the call is for, in the words of the agent's author."""
    said: str
    """The caller's words to be answered; empty: the model speaks first."""
    now: datetime
    """With a time zone."""
    instructions: str = ""
    """The agent's persona, the same for all its goals."""
    tools: tuple[str, ...] = ()
    """The only tools that may run, whatever anybody says: the state of the flow allows them."""
    exits: Mapping[str, str] = field(default_factory=dict)
    """Name of an exit to the words that say when to take it."""
    remembers: Mapping[str, str] = field(default_factory=dict)
    """Slots that the model may fill, with their meaning."""
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    """Slots and results known so far."""
    turns: Sequence[Turn] = ()
    """Everything before ``said``, up to the agent's latest words."""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a turn cost."""

    model: str = ""
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    """In the currency of the configured prices; 0 when none are configured."""
    first_token_s: float = 0.0
    took_s: float = 0.0
    attempts: int = 1
    """Requests made, hedged and repeated ones included."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Ready to be spoken; plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolUsed:
    name: str
    arguments: Mapping[str, JsonValue]
    result: Mapping[str, JsonValue] | None
    """None: it failed, took too long, or was not allowed."""
    took_s: float


@dataclass(frozen=True, slots=True)
class Finished:
    """Always the last one."""

    exit: str = ""
    """Empty: the caller has the floor and the goal goes on. ``FAILED``: nothing could answer."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Slots learnt in this turn, as the caller said them."""
    usage: Usage = Usage()


ModelEvent: TypeAlias = Sentence | ToolUsed | Finished


class ModelTurns(Protocol):
    def run(self, task: ModelTask, tools: Toolbox) -> AsyncGenerator[ModelEvent, None]:
        """Sentences as soon as each is complete; tools run in between. Ends with Finished and never raises for a provider's sake.

        Closing the generator ends everything that it began, at once.
        """
        ...

    async def close(self) -> None: ...
