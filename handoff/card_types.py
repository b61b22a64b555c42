"""What a context card holds. Plain data; every statement carries the number of the turn that it comes from.

A ``turn`` of 0 is before the first turn. Of a tool it is the last turn that had begun when the tool was done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

from agents.transcript import JsonValue, Outcome, Turn

CARD_VERSION: Final = 2

CardState: TypeAlias = Literal["requested", "ringing", "briefing", "joined", "returned", "callback", "left"]
"""Of the transfer that the card is for; ``left``: the caller hung up."""
RecordingState: TypeAlias = Literal["on", "paused", "off"]
RecordingConsent: TypeAlias = Literal["none", "announced", "granted", "refused"]
EmotionConsent: TypeAlias = Literal["none", "text", "audio_announced"]
"""``none``: the mood was not judged, or the voice was without having been announced. ``text``: words and behaviour only."""
IdentityLevel: TypeAlias = Literal["none", "claimed", "otp", "kba"]
"""``claimed``: said and not checked; ``otp``: a one-time code; ``kba``: questions that only the customer can answer."""
FactSource: TypeAlias = Literal["caller", "tool"]
CallEvent: TypeAlias = tuple[str, float, Mapping[str, JsonValue]]
"""Kind, time on ``time.monotonic()`` in seconds, data: what a Sink's ``event`` was given."""

CARD_STATES: Final[tuple[CardState, ...]] = get_args(CardState)
RECORDING_STATES: Final[tuple[RecordingState, ...]] = get_args(RecordingState)
RECORDING_CONSENTS: Final[tuple[RecordingConsent, ...]] = get_args(RecordingConsent)
EMOTION_CONSENTS: Final[tuple[EmotionConsent, ...]] = get_args(EmotionConsent)
IDENTITY_LEVELS: Final[tuple[IdentityLevel, ...]] = get_args(IdentityLevel)


class CardError(ValueError):
    """Not a card of a version that is understood here; the message names the field."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person is needed."""

    code: str
    """Machine-readable, e.g. ``caller_request``, ``tool_error``, ``refund_over_limit``."""
    detail: str = ""
    triggered_by: str = ""
    """``caller``, ``flow``, ``tool:<name>``, ``rule:<name>``, ``supervisor``, …"""


@dataclass(frozen=True, slots=True)
class Verified:
    level: IdentityLevel = "none"
    method: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    number: str
    """Caller id as the network gave it; may be empty."""
    name: str = ""
    customer_id: str = ""
    language: str = "en"
    verified: Verified = Verified()


@dataclass(frozen=True, slots=True)
class Intent:
    code: str
    """Empty: unknown."""
    confidence: float | None = None
    """0 to 1; None: nobody measured it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement, and the turn that it comes from."""

    text: str
    turn: int


@dataclass(frozen=True, slots=True)
class Summary:
    text: str = ""
    """At most 60 words."""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFact:
    key: str
    value: str
    source: FactSource
    turn: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A tool that was used. ``ok``: it answered; what it answered may still have been no."""

    tool: str
    ok: bool
    error: str
    turn: int


@dataclass(frozen=True, slots=True)
class NextAction:
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class EmotionPoint:
    """One point of the course of the caller's mood."""

    at_ms: int
    """From the start of the call."""
    label: str
    """``calm`` or the strongest state that holds, such as ``frustrated``."""
    value: float
    """Valence: -1 (angry) to 1 (pleased)."""
    method: Literal["text", "audio"] = "text"
    """audio: the voice had a part in it."""
    arousal: float = 0.5
    """0 to 1; 0.5 is the caller's own usual."""
    level: float = 0.0
    """Of the label, 0 to 1; 0 when calm."""
    turn: int = 0
    """Of the caller; 0: not known."""
    reasons: tuple[str, ...] = ()
    """The signals that moved it, in plain words of the call's language, the strongest first. Never the caller's words."""


@dataclass(frozen=True, slots=True)
class Consent:
    ai_disclosed: bool = False
    """The caller was told that they talk to a machine."""
    recording: RecordingConsent = "none"
    emotion: EmotionConsent = "none"


@dataclass(frozen=True, slots=True)
class Timing:
    call_s: float
    """Seconds from the start of the call to the making of this revision."""
    started_at: datetime
    """Of the call; UTC."""


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    """Opaque; the only thing that travels in SIP and as the queue URL argument."""
    call_id: str
    transfer_id: str
    """The same over all revisions and re-transfers of one request for a person; may be empty."""
    revision: int
    """From 1; of two cards with one id the higher revision holds."""
    state: CardState
    created_at: datetime
    """Of revision 1."""
    updated_at: datetime
    """Of this revision."""
    reason: Reason
    caller: Caller
    intent: Intent
    queue: str
    timing: Timing
    agent: str = ""
    """Which agent talked to the caller."""
    number: str = ""
    """What was dialled."""
    slots: Mapping[str, str] = field(default_factory=dict)
    summary: Summary = Summary()
    key_facts: tuple[KeyFact, ...] = ()
    attempted: tuple[Attempt, ...] = ()
    promises: tuple[Fact, ...] = ()
    """What the agent promised or did for the caller, in its own words."""
    open_question: Fact | None = None
    next_action: NextAction | None = None
    emotion: tuple[EmotionPoint, ...] = ()
    consent: Consent = Consent()
    recording: RecordingState = "off"
    turns: tuple[Turn, ...] = ()
    started_monotonic: float = 0.0
    """``time.monotonic()`` at the start of the call, from which the times of turns are counted. Not part of the JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSource:
    """What a card is made of. Times of turns and events are seconds on ``time.monotonic()``."""

    card_id: str
    call_id: str
    created_at: datetime
    reason: str
    """Machine-readable."""
    queue: str
    outcome: Outcome | None
    turns: Sequence[Turn]
    started_monotonic: float
    events: Sequence[CallEvent] = ()
    caller_number: str = ""
    agent: str = ""
    number: str = ""
    language: str = "en"
    """Of the call: ISO 639-1."""
    consent: Consent = Consent()
    recording_state: RecordingState = "off"
    transfer_id: str = ""
    state: CardState = "requested"
    revision: int = 1
    emotion: Sequence[EmotionPoint] = ()
    """Empty: found in the events."""
    updated_at: datetime | None = None
    """Of this revision; None: ``created_at``."""
    reason_detail: str = ""
    """Empty: the grounds of the rule that decided, when one did."""
    triggered_by: str = ""
    """Empty: found from the reason and the events."""
    caller_name: str = ""
    customer_id: str = ""
    intent_confidence: float | None = None
    call_s: float | None = None
    """Seconds since the start of the call; None: up to the end of the last turn or event."""
