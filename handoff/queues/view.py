"""What a desk or a conversation sees of a queue. Times are seconds since 1970, durations seconds."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

MemberState: TypeAlias = Literal["available", "ringing", "on_call", "wrap_up", "paused", "unavailable"]


@dataclass(frozen=True, slots=True)
class Waiting:
    position: int
    """1 is next."""
    number: str | None
    """None when the caller withholds it, or when the view was asked to hide numbers."""
    since: float
    channel: str
    """Name of the channel in Asterisk."""
    unique_id: str
    priority: int | None
    """Higher comes first; None until the first snapshot, since the event of joining does not tell."""
    transfer_id: str | None
    """Of the warm transfer whose placeholder this is, or None for a caller who waits in person."""
    call_id: str | None
    """Of the call in our records; None when it is not ours, or not known after a reconnect (then ``transfer_id`` still is)."""


@dataclass(frozen=True, slots=True)
class MemberView:
    name: str
    interface: str
    state: MemberState
    since: float
    paused: bool
    """Also while on a call that began before the pause."""
    reason: str
    """Of the pause; empty when none was given."""
    calls_taken: int
    penalty: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure with what it was made of; ``definition`` names the formula and its parameters (figures.py)."""

    definition: str
    numerator: float
    denominator: int

    @property
    def value(self) -> float | None:
        """None when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one window. Calls belong to the window in which their wait ended; those waiting now belong to every window."""

    since: float
    offered: int
    answered: int
    abandoned: int
    """Hung up while waiting, short abandons included."""
    short_abandoned: int
    timed_out: int
    left: int
    """Left without an answer by an exit key, for want of members, or taken out."""
    unknown: int
    """Gone while the connection to Asterisk was lost: nobody can say how."""
    service_levels: tuple[Ratio, ...]
    """In the order Genesys-like, Asterisk SL, Asterisk SL2."""
    abandonment: Ratio
    asa: Ratio
    """Average speed of answer, seconds."""
    handling: Ratio
    """Average handling time: talk and wrap-up, seconds."""
    longest_wait_s: float
    """Of those whose wait ended and those waiting now."""
    definition_changed_at: float | None
    """When the definition last changed in this day: figures shown before then are not comparable with these."""


@dataclass(frozen=True, slots=True)
class AsteriskCounters:
    """What app_queue itself has counted since its start or its last ``queue reset stats``."""

    completed: int
    abandoned: int
    average_hold_s: int
    average_talk_s: int
    service_level_s: int


@dataclass(frozen=True, slots=True)
class QueueView:
    name: str
    waiting: tuple[Waiting, ...]
    members: tuple[MemberView, ...]
    today: Figures
    last_30_min: Figures
    asterisk: AsteriskCounters | None
    """None until the first snapshot."""
    stale_since: float | None
    """Since when Asterisk has not been heard; None while the view is live."""

    @property
    def longest_wait_since(self) -> float | None:
        """When the one who has waited longest joined; None when nobody waits."""
        return min((caller.since for caller in self.waiting), default=None)

    @property
    def available(self) -> int:
        return sum(member.state == "available" for member in self.members)

    @property
    def logged_in(self) -> int:
        """Members whose phone is there, paused and busy ones included."""
        return sum(member.state != "unavailable" for member in self.members)

    @property
    def serving(self) -> int:
        """Logged in and not paused: those who work the line off."""
        return sum(member.state != "unavailable" and not member.paused for member in self.members)
