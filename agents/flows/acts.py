"""What a dialogue wants done. Plain values: whoever runs the dialogue speaks, listens, calls and hangs up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agents.transcript import JsonValue


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    interruptible: bool = True


@dataclass(frozen=True, slots=True)
class Listen:
    """The caller has the floor."""

    max_keys: int = 1
    """Keys that make an entry complete; fewer end by ``#`` or by the pause between digits."""
    at_once: str = "0"
    """Keys that, pressed first, are an entry of their own."""
    menu: str = ""
    """Keys that, pressed first, are an entry of their own unless another key follows soon: the number may begin with them."""
    enough: int = 0
    """So many keys are an entry unless another follows soon: the rest of a number that was half said; 0: none are."""
    digits: bool = False
    """A number is expected, so that half of one deserves patience."""


@dataclass(frozen=True, slots=True)
class CallTool:
    name: str
    arguments: Mapping[str, JsonValue]
    limit_s: float
    """Past this the tool counts as failed."""


@dataclass(frozen=True, slots=True)
class Handover:
    reason: str
    queue: str


@dataclass(frozen=True, slots=True)
class HangUp:
    reason: str


Act: TypeAlias = Say | Listen | CallTool | Handover | HangUp
