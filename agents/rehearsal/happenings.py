"""What happens in a call without a telephone, piece by piece, for whoever shows or checks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from agents.transcript import JsonValue, Outcome


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the agent, as it would be given to the voice."""

    text: str
    language: str = ""
    """Empty: the language of the call."""


@dataclass(frozen=True, slots=True)
class ToolCalled:
    name: str
    arguments: Mapping[str, JsonValue]
    """Of a secret call the names only, each with the value HIDDEN."""
    result: Mapping[str, JsonValue] | None
    """None: it failed, took too long, or was not allowed."""
    took_s: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """An event as the records of a call would keep it."""

    kind: str
    data: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over, always the last one. ``how``: ``transfer``, ``queue``, ``callback`` or ``end``."""

    how: str
    outcome: Outcome


Happening: TypeAlias = Said | ToolCalled | Ended

HIDDEN = "***"
"""Stands where a secret was."""
