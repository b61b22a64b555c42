"""The seam to call history. Writing never blocks and never fails; reading does both, and says why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agents.transcript import JsonValue, Turn
from handoff.card import Card


class RecordsUnavailable(Exception):
    """The database cannot be reached; the message says where it was looked for and how to mend it."""


@dataclass(frozen=True, slots=True)
class CallStarted:
    call_id: str
    started_at: datetime
    """Time zone aware."""
    started_monotonic: float
    """``time.monotonic()`` at ``started_at``: turn and event times are stored as milliseconds from here."""
    number: str
    """What was dialled."""
    caller: str
    """Caller id as the network gave it; may be empty."""
    route: str
    """Agent name, ``echo``, or ``queue:<name>``."""
    channel: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    call_id: str
    ended_at: datetime
    outcome: str
    """``goodbye``, ``handover``, ``caller_left``, ``failed``, ``echo``, ``callback``, ``rescued``."""
    reason: str
    stats: Mapping[str, JsonValue]
    """Media figures: packets, loss, jitter and the like."""


@dataclass(frozen=True, slots=True)
class UnendedCall:
    call_id: str
    channel: str


class CallWriter(Protocol):
    """Everything here returns at once; what cannot be written now is kept and written later, in order, exactly once."""

    def call_started(self, call: CallStarted) -> None: ...

    def turn(self, call_id: str, turn: Turn) -> None: ...

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        """``at`` is ``time.monotonic()``."""
        ...

    def card(self, card: Card) -> None:
        """Of two with one id the higher revision holds, in whatever order they come."""
        ...

    def callback(self, call_id: str, number: str, queue: str) -> None:
        """The caller left a number to be called back on."""
        ...

    def callback_due(self, call_id: str, in_s: float) -> None:
        """Somebody is to see to the callback from then on, and not before; nothing when it is done."""
        ...

    def callback_done(self, call_id: str) -> None:
        """The caller has been called back; nothing when a person has done it already."""
        ...

    def call_ended(self, call: CallEnded) -> None: ...

    async def flush(self, timeout_s: float) -> bool:
        """Wait until everything is in the database; False when ``timeout_s`` passed first."""
        ...

    def pending(self) -> int:
        """Records not yet in the database."""
        ...


class CallReader(Protocol):
    """Raises RecordsUnavailable."""

    async def list_calls(self, limit: int) -> list[dict[str, JsonValue]]:
        """Newest first: id, started_at, ended_at, number, caller, route, outcome, reason, turns (count)."""
        ...

    async def get_call(self, call_id: str) -> dict[str, JsonValue] | None:
        """One call whole: the fields above plus ``turns``, ``events``, ``card``, ``latency``; an unambiguous prefix of the id will do."""
        ...

    async def get_card(self, card_id: str) -> dict[str, JsonValue] | None:
        """The newest revision, as card.schema.json describes it."""
        ...

    async def cards_since(self, moment: datetime, limit: int = 200) -> list[dict[str, JsonValue]]:
        """Cards made or changed at or after ``moment``, the longest unchanged first; after a time without the database later ones may come
        in with earlier times."""
        ...

    async def unended(self, before: datetime) -> list[UnendedCall]:
        """Calls that started before then and have no end yet, oldest first."""
        ...

    async def turns_of(self, call_id: str) -> list[Turn]:
        """The turns of a call that came back, times rebased to ``time.monotonic()`` of now."""
        ...
