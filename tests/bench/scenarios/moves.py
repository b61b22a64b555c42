"""What a caller can do when it is their turn."""

from dataclasses import dataclass
from typing import TypeAlias

from tests.bench.scenarios.wordings import Parts


@dataclass(frozen=True, slots=True)
class Speak:
    parts: Parts


@dataclass(frozen=True, slots=True)
class Press:
    keys: str
    secret: bool = False
    """Of a card: nowhere written down."""


@dataclass(frozen=True, slots=True)
class PressCode:
    """The one-time code that came to the caller's phone."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Hang up, ``after_s`` from now unless the other side does first."""

    why: str
    after_s: float = 0.0


Move: TypeAlias = Speak | Press | PressCode | Leave
