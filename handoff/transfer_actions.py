"""The other half of the vocabulary of the transfer machine: what is to be done (and which event follows), and how a transfer ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from agents.transcript import JsonValue

CardState: TypeAlias = Literal["requested", "ringing", "briefing", "joined", "returned", "callback", "left"]


class Word(StrEnum):
    """What the caller is told."""

    CONNECTING = "connecting"
    """At the start: a person is being looked for."""
    PLACE = "place"
    """``position`` (int or None) and ``wait_s`` (float or None), the expected wait, and ``waited_s`` (float)."""
    RINGING = "ringing"
    """At the end of a wait in line: a phone rings."""
    ANSWERED = "answered"
    """Someone has picked up and hears what it is about."""
    STILL_LOOKING = "still_looking"
    """``reason``: ``no_answer`` (a phone rang in vain), ``declined`` or ``member_left``."""
    CALLBACK_OFFER = "callback_offer"
    """``wait_s`` (float): so long that a callback is offered."""
    PERSON_THERE = "person_there"
    """In answer to a wish (``wish``): too late, a person is on the line already."""


@dataclass(frozen=True, slots=True)
class StoreCard:
    """Store the card with this state. CardStored follows the first one."""

    state: CardState


@dataclass(frozen=True, slots=True)
class StartCompany:
    """Music bed and waiting-room agent for the caller. CompanyEnded follows if it ends or cannot be had.

    Taken until then or StopCompany.
    """


@dataclass(frozen=True, slots=True)
class StopCompany:
    """Silence it at once; its end may take as long as it needs. No CompanyEnded is awaited any more."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the caller, through the company; kept until the company can speak."""

    what: Word
    data: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Originate a placeholder. Enqueued, EnqueueFailed, QueueLeft or MemberGone follows; taken until DropMember."""

    attempt: int
    queue: str
    position: int | None
    """Place in line to enter at; None is the end."""
    priority: int


@dataclass(frozen=True, slots=True)
class BuildConsult:
    """The second media leg with the member in a bridge. ConsultReady or ConsultFailed follows; taken until DropConsult, failed or not."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Brief:
    """Speak the brief to the member. BriefEnded at its end; BriefAnswered whenever the member answers."""

    attempt: int
    repeat: int = 0
    """How often this member has heard it before."""


@dataclass(frozen=True, slots=True)
class Introduce:
    """Bring the caller into the member's bridge and introduce both. IntroduceDone follows."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Join:
    """Caller and member to each other, out of our application. Joined or JoinFailed follows."""

    attempt: int


Parting: TypeAlias = Literal["caller_left", "taken_back", "sent_elsewhere"]
"""Why a call is taken away from a member: the caller hung up; wants no person any more; a supervisor chose another target."""


@dataclass(frozen=True, slots=True)
class TellMember:
    """MemberTold follows."""

    attempt: int
    what: Parting


@dataclass(frozen=True, slots=True)
class DropMember:
    """Hang up the placeholder: takes it out of the line, or hangs up on the member who answered it. An Enqueue still under way is waited
    for, and one that is gone already is no error."""

    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class DropConsult:
    """Give the second leg, its bridge and the briefing agent back; a BuildConsult still under way is waited for. A caller who is in that
    bridge for an introduction goes back to their own."""

    attempt: int


@dataclass(frozen=True, slots=True)
class LogQueue:
    """A row of our own in queue_log (AMI QueueLog) beside those that app_queue writes for the placeholder."""

    attempt: int
    """Tells the uniqueid: the placeholder's ``;2``."""
    member: str
    """The row's agent; empty for none (``NONE``)."""
    event: str
    data: tuple[str, ...]
    """Joined by ``|``."""


@dataclass(frozen=True, slots=True)
class Note:
    """For the call's events."""

    kind: str
    data: Mapping[str, JsonValue] = field(default_factory=dict)


ResultKind: TypeAlias = Literal["joined", "back_to_agent", "callback", "blind", "caller_left", "other_queue", "phone"]


@dataclass(frozen=True, slots=True)
class TransferResult:
    kind: ResultKind
    """``blind``: into ``queue`` the old way. ``other_queue``: into ``queue``, which is another one.
    ``phone``: a supervisor wants them there."""
    detail: str = ""
    """Machine-readable: a QUEUESTATUS, or ``wait``, ``declined``, ``attempts``, ``caller_asked``, ``caller_stopped``, ``forced``, ``mode``,
    ``shutdown``, ``ari_lost``, ``ami_lost``, ``media_lost``, ``enqueue_failed``, ``enqueue_timeout``, ``join_failed``, ``join_timeout``;
    of ``joined`` how: ``accepted``, ``announced``, ``introduced``, ``unbriefed``; of ``caller_left`` the state in which they left."""
    member: str = ""
    """Of ``joined``: who is with the caller."""
    queue: str = ""
    phone: str = ""
    position: int | None = None
    """Of ``blind`` and ``callback``: the place in line that the caller had, so that it is not lost; None when they had none."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The last action of a transfer; everything else is given back before it."""

    result: TransferResult


Action: TypeAlias = (
    StoreCard
    | StartCompany
    | StopCompany
    | Tell
    | Enqueue
    | BuildConsult
    | Brief
    | Introduce
    | Join
    | TellMember
    | DropMember
    | DropConsult
    | LogQueue
    | Note
    | Finish
)
