"""People as members of Asterisk's queues: ready or paused, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from aiohttp import web

LineState: TypeAlias = Literal["idle", "ringing", "busy", "unavailable"]
"""Of all phones of a person together; ``unavailable``: none is registered."""

Rung: TypeAlias = Callable[[str, str], None]
"""Told the member's interface, and the unique id of the channel that waits in the queue."""

Given: TypeAlias = Callable[[str, str], None]
"""Told the number of the phone that rings, and the id of the caller's card."""

WRAP_UP: Final = "wrap-up"
"""The reason of the pause after a call."""
PAUSE_REASONS: Final = ("Break", "Lunch", "Meeting", "Training", "Paperwork")


class MembersAway(Exception):
    """The telephone system cannot be asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Member:
    """One person in all queues that they work for."""

    queues: tuple[str, ...]
    """Sorted."""
    line: LineState
    paused: bool
    """In all of these queues."""
    reason: str
    """Of the pause; empty when none was given or there is none."""


class MemberControl(Protocol):
    """The desk process gives one to the app. ``interface`` is the member's as Asterisk names it. Everything raises MembersAway."""

    def interface_of(self, phone: str) -> str:
        """``phone``: a person's number, such as ``2001``."""
        ...

    async def member(self, interface: str) -> Member | None:
        """None: a member of no queue."""
        ...

    async def pause(self, interface: str, reason: str, queue: str = "") -> None:
        """No calls of ``queue`` (empty: of any) from now on."""
        ...

    async def unpause(self, interface: str, queue: str = "") -> None: ...

    def on_ring(self, told: Rung) -> None:
        """``told`` hears whenever a queue rings a member. It must not block."""
        ...

    def on_given(self, told: Given) -> None:
        """``told`` hears whenever one person's phone rings another's, with a caller to give on. It must not block."""
        ...


MEMBERS: Final = web.AppKey("agent_members", MemberControl)
