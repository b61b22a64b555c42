"""What call control needs of the mind: something that talks to a line and comes back with an outcome."""

from typing import Protocol

from agents.conversation import Resume
from agents.line import Line
from agents.transcript import Outcome, Sink

__all__ = ["Conversation", "ConversationFactory", "Resume"]


class Conversation(Protocol):
    async def run(self) -> Outcome:
        """Talk until the end; ends by itself soon after its line has closed."""
        ...


class ConversationFactory(Protocol):
    def __call__(self, *, agent: str, line: Line, sink: Sink, resume: Resume | None) -> Conversation:
        """Raises whatever it likes when there is no such agent: the caller then goes to the queue."""
        ...
