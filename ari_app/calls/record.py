"""One call's record: what is written about it, and what is kept in memory for the card, the screen and the way back from a queue."""

import logging
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from agents.transcript import JsonValue, Outcome, Turn
from handoff.card import Card
from handoff.records.store import CallEnded, CallStarted, CallWriter

log = logging.getLogger(__name__)

_NAMESPACE = uuid.UUID("6f3a1c6e-6d0e-4f57-9d57-0c1ad1f5a3b1")
_THIS_NUMBER = "this number"
"""What the dialogue puts into the slot ``callback_number`` when the caller wants to be called on the number they call from."""


def call_id_of(site: str, channel_id: str) -> str:
    """The same for one channel at one Asterisk (``site``), also after a restart of ours: so a caller coming back keeps their record."""
    return uuid.uuid5(_NAMESPACE, f"{site} {channel_id}").hex


@dataclass(frozen=True, slots=True)
class CallFacts:
    call_id: str
    channel_id: str
    channel_name: str
    route: str
    number: str
    """What was dialled."""
    caller: str


class CallRecord:
    """A Sink for the conversation. Writing never blocks."""

    def __init__(self, facts: CallFacts, writer: CallWriter) -> None:
        self.facts = facts
        self.turns: list[Turn] = []
        self.outcome: Outcome | None = None
        """Of the last conversation that ended."""
        self.statistics: dict[str, JsonValue] = {}
        self.started_monotonic = time.monotonic()
        self._writer = writer

    def started(self) -> None:
        facts = self.facts
        now = datetime.now(UTC)
        self._writer.call_started(
            CallStarted(facts.call_id, now, self.started_monotonic, facts.number, facts.caller, facts.route, facts.channel_name)
        )

    def turn(self, turn: Turn) -> None:
        self.turns.append(turn)
        self._writer.turn(self.facts.call_id, turn)

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self._writer.event(self.facts.call_id, kind, at, data)

    def note(self, kind: str, /, **data: JsonValue) -> None:
        """An event of call control, now."""
        self.event(kind, time.monotonic(), data)
        log.info(f"call_{kind}", extra={"call_id": self.facts.call_id, **{f"call_{key}": value for key, value in data.items()}})

    def card(self, queue: str, reason: str) -> str:
        """Store a context card; returns its id, which is opaque and never reused."""
        outcome = self.outcome
        card = Card(
            id=secrets.token_urlsafe(18),
            call_id=self.facts.call_id,
            created_at=datetime.now(UTC),
            reason=reason,
            queue=queue,
            intent=outcome.intent if outcome else "",
            slots=dict(outcome.slots) if outcome else {},
            caller_number=self.facts.caller,
            turns=tuple(self.turns),
        )
        self._writer.card(card)
        return card.id

    def conversation_ended(self, outcome: Outcome, queue: str) -> None:
        """``queue`` is the one whose people are to call back."""
        self.outcome = outcome
        self.note("conversation_ended", kind=outcome.kind, reason=outcome.reason)
        if outcome.reason == "callback":
            said = outcome.slots.get("callback_number", "")
            number = self.facts.caller if said in ("", _THIS_NUMBER) else said
            self._writer.callback(self.facts.call_id, number, queue)

    def ended(self, outcome: str, reason: str) -> None:
        self._writer.call_ended(CallEnded(self.facts.call_id, datetime.now(UTC), outcome, reason, self.statistics))

    def lines(self, count: int) -> list[JsonValue]:
        """The last ``count`` turns, for a screen."""
        return [{"who": turn.who, "text": turn.text} for turn in self.turns[-count:]]
