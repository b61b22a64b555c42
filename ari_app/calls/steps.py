"""The vocabulary of the call machine: states, what can happen to a call, what is to be done about it."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeAlias

from agents.transcript import Outcome
from handoff.transfer_actions import TransferResult


class State(StrEnum):
    NEW = "new"
    ATTACHING = "attaching"
    """Answering and building the way for the audio."""
    TALKING = "talking"
    BRIEFING = "briefing"
    """Handing over: the card is being stored and its id set on the channel."""
    TRANSFERRING = "transferring"
    """A person is being found and told what it is about; the caller stays with the agent meanwhile."""
    LEAVING = "leaving"
    """Asked Asterisk to take the caller on in the dialplan."""
    OUTSIDE = "outside"
    """In a queue or with a person; may come back."""
    ENDING = "ending"
    """The caller is gone; things are being given back."""
    ENDED = "ended"


class Kind(StrEnum):
    """What a call owns. A conversation counts: its task must end."""

    LINE = "line"
    LEG = "leg"
    BRIDGE = "bridge"
    CONVERSATION = "conversation"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Resource:
    kind: Kind
    stage: int
    """From 1; one more each time the caller comes back, since the old ones may still be on their way out."""


class Where(Enum):
    """Where Asterisk says the caller's channel is."""

    IN_STASIS = "in_stasis"
    """In our application."""
    ELSEWHERE = "elsewhere"
    """In the application of another worker, who has the call now."""
    OUTSIDE = "outside"
    GONE = "gone"


# Events


@dataclass(frozen=True, slots=True)
class Arrived:
    """The caller entered our application, for the first time or back from a queue."""

    refused: str = ""
    """Why admission refuses the call; empty when it does not."""


@dataclass(frozen=True, slots=True)
class Answered:
    pass


@dataclass(frozen=True, slots=True)
class AnswerFailed:
    reason: str
    gone: bool


@dataclass(frozen=True, slots=True)
class Taken:
    resource: Resource


@dataclass(frozen=True, slots=True)
class Refused:
    """The resource could not be had, and nothing of it is left to give back."""

    resource: Resource
    reason: str


@dataclass(frozen=True, slots=True)
class Released:
    resource: Resource


@dataclass(frozen=True, slots=True)
class LegEntered:
    stage: int


@dataclass(frozen=True, slots=True)
class LegGone:
    stage: int


@dataclass(frozen=True, slots=True)
class Joined:
    stage: int


@dataclass(frozen=True, slots=True)
class JoinFailed:
    stage: int
    reason: str


@dataclass(frozen=True, slots=True)
class ConversationEnded:
    stage: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Briefed:
    pass


@dataclass(frozen=True, slots=True)
class SendOn:
    """A supervisor wants the caller at a phone, or in a queue, now."""

    reason: str
    queue: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PersonReady:
    """A person takes the caller; TransferEnded follows when they are joined, or could not be."""

    stage: int
    peer: str
    """The channel of that person."""


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """All that the transfer took is given back, but for a person who is joined with the caller."""

    stage: int
    result: TransferResult


@dataclass(frozen=True, slots=True)
class LeaveAccepted:
    pass


@dataclass(frozen=True, slots=True)
class LeaveFailed:
    gone: bool
    """Asterisk says that the channel is not there, or not ours; else it did not answer."""


@dataclass(frozen=True, slots=True)
class LeftStasis:
    pass


@dataclass(frozen=True, slots=True)
class EnteredElsewhere:
    """The caller was handed to another worker; whether it takes them is seen when they stay there."""


@dataclass(frozen=True, slots=True)
class CallerGone:
    pass


@dataclass(frozen=True, slots=True)
class Located:
    where: Where
    stage: int
    """The stage at which the question was asked: an old answer says nothing about a caller who came back since."""


@dataclass(frozen=True, slots=True)
class MediaGone:
    """The media process is lost, and every line with it."""


@dataclass(frozen=True, slots=True)
class AudioBroken:
    """The audio of a stage is broken, or nobody takes it: see ``audio_watch.AudioFault``."""

    stage: int
    fault: str


@dataclass(frozen=True, slots=True)
class Shutdown:
    """We are about to stop: the caller must go on without us."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The deadline passed."""


CallEvent: TypeAlias = (
    Arrived
    | Answered
    | AnswerFailed
    | Taken
    | Refused
    | Released
    | LegEntered
    | LegGone
    | Joined
    | JoinFailed
    | ConversationEnded
    | Briefed
    | SendOn
    | PersonReady
    | TransferEnded
    | LeaveAccepted
    | LeaveFailed
    | LeftStasis
    | EnteredElsewhere
    | CallerGone
    | Located
    | MediaGone
    | AudioBroken
    | Shutdown
    | Tick
)


# Actions


@dataclass(frozen=True, slots=True)
class Answer:
    """Answered or AnswerFailed follows."""


@dataclass(frozen=True, slots=True)
class Take:
    """Taken or Refused follows."""

    resource: Resource


@dataclass(frozen=True, slots=True)
class Release:
    """Released follows, always; a Take still under way is waited for."""

    resource: Resource
    reason: str
    """As LineClosed has it: ``hangup``, ``taken``, ``media_lost`` or ``shutdown``."""


@dataclass(frozen=True, slots=True)
class Join:
    """Caller and leg into the bridge; Joined or JoinFailed follows."""

    stage: int


@dataclass(frozen=True, slots=True)
class Brief:
    """Store a card and set its id on the channel, within half a second; Briefed follows."""

    queue: str
    reason: str


@dataclass(frozen=True, slots=True)
class Leave:
    """On in the dialplan: to ``peer``, ``phone`` or another ``worker`` when there is one, else into ``queue``, or the fallback when empty.

    LeaveAccepted or LeaveFailed follows.
    """

    queue: str
    peer: str = ""
    """The channel of a person who has accepted the caller."""
    phone: str = ""
    """A phone that a supervisor chose."""
    position: int | None = None
    """In ``queue``: the place in line that the caller had."""
    worker: bool = False
    """To whichever worker the dialplan tries next; after the last one, to the fallback."""


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, slots=True)
class Locate:
    """Located follows, unless Asterisk does not answer."""

    stage: int


@dataclass(frozen=True, slots=True)
class Disarm:
    """Set the dead-man timer to 0: a late heartbeat of ours must not throw the caller out of the queue."""


@dataclass(frozen=True, slots=True)
class Note:
    kind: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
    """The last action of a call: write its end."""

    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Yield:
    """The last action of a call that another worker has now, who will write its end."""


Action: TypeAlias = Answer | Take | Release | Join | Brief | Leave | Hangup | Locate | Disarm | Note | Finish | Yield
