"""What the rules remember of a call. Nothing in here ever changes: each step makes a new one. Times are milliseconds from its start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Point:
    """One ``emotion`` event."""

    at_ms: int
    turn: int
    start_ms: int | None
    end_ms: int | None
    course: Mapping[str, float]
    """State, valence or arousal to its smoothed level."""
    said: Mapping[str, float]
    """The same of the utterance alone."""
    confidence: Mapping[str, float]
    on: frozenset[str]
    voice: bool
    """The sound of the voice had a part in it."""
    besides_voice: bool
    """Something else spoke for it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One ``concern`` event."""

    at_ms: int
    turn: int
    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that can be counted."""

    at_ms: int
    kind: str
    turn: int
    lasted_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """A turn of the caller in the audio."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """Of one rule."""

    ready: bool = False
    """At its last judgement it held, and long enough."""
    since_ms: int | None = None
    """Since when it has held without a break."""
    turns: int = 0
    """Spoken turns of the caller in a row in which it was true."""
    last_true_turn: int = 0
    fired_ms: int | None = None
    """When it last decided."""
    tried: bool = False
    """One more try has been made, so next time it is a person."""
    spent: bool = False
    """It was for once, and has been."""


@dataclass(frozen=True, slots=True)
class WatchState:
    started: float | None = None
    """On the clock of the happenings; None before the first one."""
    now_ms: int = 0
    number: str = ""
    agent: str = ""
    turn: int = 0
    """Number of the caller's last turn."""
    turns: Mapping[int, Span] = field(default_factory=lambda: MappingProxyType({}))
    """Of the caller."""
    unspoken: frozenset[int] = frozenset()
    """Turns of the caller on the keypad."""
    agent_ended_ms: int | None = None
    """When the agent last stopped speaking, until the caller speaks."""
    points: tuple[Point, ...] = ()
    found: tuple[Found, ...] = ()
    """Of the caller's last turn."""
    marks: tuple[Mark, ...] = ()
    facts: Mapping[str, object] = field(default_factory=_nothing)
    queues: Mapping[str, Mapping[str, object]] = field(default_factory=_nothing)
    """The last seen queue last."""
    clock: Mapping[str, object] = field(default_factory=_nothing)
    memory: Mapping[str, RuleMemory] = field(default_factory=_nothing)
    called_ms: int | None = None
    """When a rule that is no shadow last called a person."""
    shadow_called_ms: int | None = None
    """When any rule last called a person, shadows included: so that shadows rest as they would if they acted."""
