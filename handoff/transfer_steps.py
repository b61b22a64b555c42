"""Half the vocabulary of the transfer machine: states and what can happen. What is to be done about it is in transfer_actions.

An *attempt* is one placeholder (``Local/…/n``) in the queue, numbered from 1. Events and actions carry its number, since what is said of an
earlier attempt may arrive late.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias


class State(StrEnum):
    DECIDED = "decided"
    """Nothing is done yet; Begin starts."""
    ANNOUNCED = "announced"
    """The card is being stored; the caller hears that a person is being looked for."""
    QUEUED = "queued"
    """A placeholder is asked for, or waits in line."""
    RINGING = "ringing"
    """One member's phone, or several."""
    BRIEFING = "briefing"
    """A member has answered: the second media leg is built, then they hear the brief."""
    ACCEPTED = "accepted"
    """Mode ``consult``: the three-way introduction."""
    BRIDGING = "bridging"
    """Asked for caller and member to be joined."""
    PARTING = "parting"
    """A member is being told why the call is taken away from them."""
    DONE = "done"


class Kind(StrEnum):
    """What a transfer owns."""

    COMPANY = "company"
    """The agent that keeps the caller company; attempt 0."""
    ATTEMPT = "attempt"
    """A placeholder and, once answered, the member on it."""
    CONSULT = "consult"
    """The second media leg, its bridge and the briefing agent."""


@dataclass(frozen=True, slots=True)
class Held:
    kind: Kind
    attempt: int = 0


Part: TypeAlias = Literal["ari", "ami", "media"]
Wish: TypeAlias = Literal["callback", "agent", "stop"]
"""Of the caller while they wait: to be called back, to talk to the agent again, or not to be transferred after all."""


# Events


@dataclass(frozen=True, slots=True)
class Begin:
    """The conversation ended with a handover."""


@dataclass(frozen=True, slots=True)
class CardStored:
    """In answer to the first StoreCard; later ones need no answer."""

    ok: bool


@dataclass(frozen=True, slots=True)
class Enqueued:
    """QueueCallerJoin of the placeholder."""

    attempt: int
    position: int | None = None
    """1 is the head of the line."""
    wait_s: float | None = None
    """Expected wait in seconds, when it is known."""


@dataclass(frozen=True, slots=True)
class EnqueueFailed:
    """The placeholder could not be made: a failure of ours, not of the queue."""

    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """What the queue board says now; also welcome without a change, every few seconds."""

    attempt: int
    position: int | None
    """None for what the board does not know, here and below: what was known before stands."""
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """Queue() of the placeholder returned without anyone having answered."""

    attempt: int
    status: str
    """QUEUESTATUS: TIMEOUT FULL JOINEMPTY LEAVEEMPTY JOINUNAVAIL LEAVEUNAVAIL UNKNOWN WITHDRAW …, never empty."""


@dataclass(frozen=True, slots=True)
class MemberRinging:
    attempt: int
    member: str


@dataclass(frozen=True, slots=True)
class MemberMissed:
    """No answer, busy, or rejected at the phone: the queue rings the next one by itself."""

    attempt: int
    member: str


@dataclass(frozen=True, slots=True)
class MemberAnswered:
    """StasisStart of the placeholder's ``;1``."""

    attempt: int
    member: str = ""
    """Empty when it is not known."""


@dataclass(frozen=True, slots=True)
class ConsultReady:
    attempt: int


@dataclass(frozen=True, slots=True)
class ConsultFailed:
    """The second leg could not be had, or it was lost during the brief."""

    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class BriefAnswered:
    attempt: int
    answer: Literal["accept", "decline", "repeat", "none"]
    """``none``: the briefing agent gave up on an answer, or knows that it talks to a machine."""


@dataclass(frozen=True, slots=True)
class BriefEnded:
    """The brief was spoken to its end."""

    attempt: int


@dataclass(frozen=True, slots=True)
class IntroduceDone:
    """The introduction was spoken, or it failed: either way it is over."""

    attempt: int
    reason: str = ""
    """Why it failed; empty when it did not."""


@dataclass(frozen=True, slots=True)
class MemberTold:
    """TellMember was spoken to its end, or could not be."""

    attempt: int


@dataclass(frozen=True, slots=True)
class MemberGone:
    """The placeholder's ``;1`` is gone from Asterisk, answered or not. Leaving Stasis by a Join is no such thing."""

    attempt: int


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The caller's channel is gone from Asterisk. Leaving Stasis by a Join is no such thing."""


@dataclass(frozen=True, slots=True)
class CallerAsked:
    what: Wish


@dataclass(frozen=True, slots=True)
class CompanyEnded:
    """The conversation of the waiting room ended, or it could not be started (``failed``)."""

    kind: str
    """As Outcome has it: ``goodbye``, ``handover``, ``caller_left`` or ``failed``."""
    reason: str = ""
    """``goodbye`` with ``callback``: the caller agreed to be called back."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Caller and member hear each other, outside our application."""

    attempt: int


@dataclass(frozen=True, slots=True)
class JoinFailed:
    attempt: int
    reason: str
    gone: Literal["", "member", "caller"] = ""
    """Who turned out to be gone."""


@dataclass(frozen=True, slots=True)
class PartLost:
    part: Part


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A supervisor takes the caller out of this transfer to a target of their choice. Raises ValueError unless exactly one is given."""

    queue: str = ""
    phone: str = ""

    def __post_init__(self) -> None:
        if bool(self.queue) == bool(self.phone):
            raise ValueError("a forced transfer goes to a queue or to a phone: name exactly one of them")


@dataclass(frozen=True, slots=True)
class Shutdown:
    """We are about to stop: the caller must go on without us."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline passed. One that comes too early does nothing."""


TransferEvent: TypeAlias = (
    Begin
    | CardStored
    | Enqueued
    | EnqueueFailed
    | PlaceChanged
    | QueueLeft
    | MemberRinging
    | MemberMissed
    | MemberAnswered
    | ConsultReady
    | ConsultFailed
    | BriefAnswered
    | BriefEnded
    | IntroduceDone
    | MemberTold
    | MemberGone
    | CallerGone
    | CallerAsked
    | CompanyEnded
    | Joined
    | JoinFailed
    | PartLost
    | Withdraw
    | Shutdown
    | Tick
)
