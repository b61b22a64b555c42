"""What call control needs of the mind: something that talks to a line and comes back with an outcome."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from agents.conversation import Resume
from agents.conversation.attention import Attention
from agents.conversation.manner_in_force import MannerInForce
from agents.conversation.messages import Unanswered
from agents.line import Line
from agents.transcript import Outcome, Sink

__all__ = ["Company", "Conversation", "ConversationFactory", "Resume", "TransferTalks", "Watch", "Watchable"]


class Conversation(Protocol):
    """Everything but ``run`` may be called at any time; after the end it does nothing."""

    async def run(self) -> Outcome:
        """Talk until the end; ends by itself soon after its line has closed."""
        ...

    def unanswered(self) -> Sequence[Unanswered]:
        """After ``run``: what the caller did that was not dealt with, for the conversation that follows on the same line."""
        ...

    def say(self, text: str) -> None:
        """Have a sentence said as soon as what is being said is over."""
        ...

    def instruct(self, text: str) -> None:
        """A supervisor's private instruction; events tell what became of it."""
        ...

    def transfer(self, queue: str = "", reason: str = "transfer", say: str = "") -> None:
        """Put the caller through to a person; empty ``queue``: the agent's own; empty ``say``: the usual sentence."""
        ...

    def end(self, reason: str, *, after_sentence: bool = False) -> None:
        """Over, with Outcome("goodbye", ``reason``)."""
        ...


@runtime_checkable
class Watchable(Protocol):
    """A conversation that tells whether it keeps up, and minds a caller who holds the call."""

    def held(self, on: bool) -> None:
        """The caller puts the call on hold, or takes it back."""
        ...

    @property
    def uptake(self) -> tuple[bool, int]:
        """Whether something waits to be looked at, and how much was looked at so far."""
        ...


class Watch(Protocol):
    """Who watches over a call: the same for all conversations of the caller with agents."""

    @property
    def attention(self) -> Attention: ...

    @property
    def manner(self) -> MannerInForce: ...


class ConversationFactory(Protocol):
    def __call__(
        self,
        *,
        agent: str,
        number: str,
        caller: str,
        call_id: str,
        line: Line,
        sink: Sink,
        resume: Resume | None,
        watch: Watch | None = None,
        language: str = "",
    ) -> Conversation:
        """``number`` is the one that was dialled, ``caller`` the caller's as the network gave it (may be empty).

        ``language``: in which the call begins, when the agent speaks it; empty: the agent's first.

        Raises whatever it likes when there is no such agent: the caller then goes to the queue.
        """
        ...


class Company(Conversation, Protocol):
    """A talk with somebody who waits, or decides."""

    def announce(self, name: str, facts: Mapping[str, str] | None = None, *, at_once: bool = False) -> None:
        """Have the announcement of that name said as soon as the floor is free; ``at_once``: in the middle of what is being said."""
        ...


class TransferTalks(Protocol):
    """The two talks of a transfer. Both raise whatever they like when they cannot be had."""

    def company(self, *, agent: str, number: str, caller: str, call_id: str, line: Line, sink: Sink, resume: Resume) -> Company:
        """With the caller, on the line of the conversation that handed them over. ``resume``: what was said in it."""
        ...

    def briefing(self, *, call_id: str, language: str, line: Line, sink: Sink, text: str, choice: bool) -> Company:
        """With the person who picked up: says ``text``; with ``choice`` asks whether they accept and ends with the reason ``accepted``,
        ``declined`` or ``no_answer``, else ends when it is said. ``language``: of ``text``."""
        ...
