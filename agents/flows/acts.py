"""What a dialogue wants done. Plain values: whoever runs the dialogue speaks, listens, calls and hangs up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agents.transcript import JsonValue
from agents.turns.events import Expected
from agents.turns.knobs import Layer


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    interruptible: bool = True
    language: str = ""
    """Empty: the language of the agent."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something for the records and for whoever watches the call; nobody hears of it."""

    kind: str
    data: Mapping[str, JsonValue] = field(default_factory=dict)


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
    expected: Expected = Expected.OPEN
    knobs: Layer = field(default_factory=dict)
    """Those of the node, over those of the agent."""
    secret: bool = False
    """Keys only, and nobody else may learn them: no transcript, no recording and no recogniser while this lasts."""
    patient: bool = False
    """Nothing was asked: silence is as good as an answer, however long it lasts."""

    @property
    def digits(self) -> bool:
        """A number is expected, so that half of one deserves patience."""
        return self.expected is Expected.DIGITS


@dataclass(frozen=True, slots=True)
class CallTool:
    name: str
    arguments: Mapping[str, JsonValue]
    limit_s: float
    """Past this the tool counts as failed."""
    secret: bool = False
    """Its arguments may be kept nowhere."""


@dataclass(frozen=True, slots=True)
class AskModel:
    """A language model answers; its sentences are spoken as they come, and a ModelResult follows."""

    goal: str
    said: str
    """The caller's words; empty: the model speaks first."""
    instructions: str = ""
    tools: tuple[str, ...] = ()
    exits: Mapping[str, str] = field(default_factory=dict)
    remembers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    language: str = "en"


@dataclass(frozen=True, slots=True)
class ModelResult:
    """How the model's turn ended: what the dialogue has to be told."""

    exit: str = ""
    """Empty: the goal goes on, the caller has the floor."""
    facts: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    """The model's own sentences, for "repeat that"."""


@dataclass(frozen=True, slots=True)
class Handover:
    reason: str
    queue: str
    mode: Literal["warm", "blind"] = "warm"


@dataclass(frozen=True, slots=True)
class HangUp:
    reason: str


Act: TypeAlias = Say | Note | Listen | CallTool | AskModel | Handover | HangUp
