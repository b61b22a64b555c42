"""What a dialogue remembers. Containers hold only immutable values, so that a copy is cheap and independent."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from agents.flows.card import Card

Fact: TypeAlias = bool | int | float | str
"""A value that texts and expressions may use."""


@dataclass(frozen=True, slots=True)
class Point:
    """A question that was put to the caller, for the way back."""

    node: str
    filled: tuple[str, ...] = ()
    """Slots that got their value between this question and the next."""
    depth: int = 0
    """Digressions that were open."""
    language: str = ""
    """In which it was put; as ``State.language``."""
    queue: str = ""
    """As ``State.queue`` was."""


@dataclass(frozen=True, slots=True)
class Detour:
    """The question at which a digression began, as it stood."""

    node: str
    confirming: bool
    candidate: str
    partial: str
    last: tuple[str, ...]
    model_turns: int


@dataclass(slots=True)
class State:
    node: str = ""
    confirming: bool = False
    """In a collect node: the value was read back and awaits yes or no."""
    candidate: str = ""
    """The value that was read back."""
    partial: str = ""
    """The first part of a value of which the rest is missing."""
    slots: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    """Slots that a secret collect node asks for; they are never among the others."""
    unconfirmed: frozenset[str] = frozenset()
    """Slots whose value was picked up in passing: a collect node with a read-back still reads it back."""
    learned: dict[str, str] = field(default_factory=dict)
    """Slots that were set from outside; starting over does not forget them."""
    result: dict[str, Fact] = field(default_factory=dict)
    """Fields of the latest tool result."""
    waiting_for: str = ""
    """The tool that is at work, or MODEL."""
    failures: int = 0
    """Silences and misunderstandings in a row."""
    only_silence: bool = True
    """All of them were silences."""
    setbacks: int = 0
    """Understood, and yet in vain: values rejected or not found, since the last new question."""
    used: dict[str, int] = field(default_factory=dict)
    """How often each list of texts was drawn from, so that repeats differ."""
    last: tuple[str, ...] = ()
    """The latest texts, for "repeat that"."""
    intent: str = ""
    """The latest thing the caller wanted."""
    pending: str = ""
    """The second of two requests in one sentence, still to be taken up."""
    reason: str = ""
    """Why a person was called for."""
    queue: str = ""
    """Where every transfer goes, by a set node or from outside; empty: where the node says."""
    queue_status: str = ""
    came_back: bool = False
    language: str = ""
    """The language the call is in; empty: the agent's first."""
    began_at: datetime | None = None
    at: datetime | None = None
    """When the latest step was."""
    trail: tuple[Point, ...] = ()
    """Questions put, the latest last."""
    detours: tuple[Detour, ...] = ()
    """Open digressions, the innermost last."""
    answered: frozenset[str] = frozenset()
    """Collect nodes answered or passed over since the caller last had the floor: reached again they ask, whatever is known."""
    unheard_steps: int = 0
    """Tools and models called in a row without giving the caller the floor."""
    model_turns: int = 0
    """Answers of the model at this llm node."""
    refusals: int = 0
    """Cards refused at this payment node."""
    instructions: tuple[str, ...] = ()
    """What a supervisor told the agent in private, the latest last."""
    short: bool = False
    """Texts are said in their short form where they have one."""
    tone: str = ""
    """How a language model is to meet this caller; empty: as usual."""
    card: Card = field(default_factory=Card, repr=False)
    ended: bool = False

    def copy(self) -> "State":
        """Independent of this one."""
        slots, secrets, learned = dict(self.slots), dict(self.secrets), dict(self.learned)
        return replace(self, slots=slots, secrets=secrets, learned=learned, result=dict(self.result), used=dict(self.used))

    def value(self, slot: str) -> str:
        """Empty: it has none."""
        return self.slots.get(slot) or self.secrets.get(slot, "")
