"""One call's record: what is written about it, and what is kept in memory for the card, the screen and the way back from a queue."""

import logging
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from agents.conversation.company import slots_of
from agents.transcript import JsonValue, Outcome, Turn
from ari_app.calls.live_feed import LiveFeed
from ari_app.calls.options import NO_OPTIONS, CallOptions
from handoff.card import CallEvent, Card, CardSource, CardState, Consent, RecordingState, Summary, make_card, new_card_id
from handoff.card_types import RecordingConsent
from handoff.records.store import CallEnded, CallStarted, CallWriter

log = logging.getLogger(__name__)

_NAMESPACE = uuid.UUID("6f3a1c6e-6d0e-4f57-9d57-0c1ad1f5a3b1")
_THIS_NUMBER = "this number"
"""What the dialogue puts into the slot ``callback_number`` when the caller wants to be called on the number they call from."""

_MOST_EVENTS = 2000
"""Kept for the card."""
_RECORDING: Mapping[str, RecordingState] = {
    "recording_started": "on",
    "recording_paused": "paused",
    "recording_resumed": "on",
    "recording_stopped": "off",
    "recording_failed": "off",
}
"""What an event says of the recording."""


RecordingAwaits: TypeAlias = Literal["", "notice", "answer"]
"""What has to come before a call may be recorded: that the caller has been told, or has said yes. Empty: nothing any more."""


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
    options: CallOptions = NO_OPTIONS
    """What the route asks for."""


class CallRecord:
    """A Sink for the conversation. Writing never blocks."""

    def __init__(self, facts: CallFacts, writer: CallWriter, feed: LiveFeed | None = None) -> None:
        """``feed`` is told what happens at once, for whoever watches."""
        self.facts = facts
        self._feed = feed
        self._shown: Mapping[str, JsonValue] = {}
        self.turns: list[Turn] = []
        self.outcome: Outcome | None = None
        """Of the last conversation that ended."""
        self.statistics: dict[str, JsonValue] = {}
        self.on_secret: Callable[[bool], None] = lambda on: None
        """Told when the caller begins (True) and ends to key something that nobody may learn."""
        self.on_recordable: Callable[[], None] = lambda: None
        """Told when what the recording waits for has come."""
        self.recording_awaits: RecordingAwaits = ""
        self.on_spoken_into: Callable[[bool], None] = lambda on: None
        """Told when a supervisor can begin to be heard on the caller's line (True), and when nobody can any more."""
        self.on_gap: Callable[[float], None] = lambda ms: None
        """Told how long the agent's answer took to begin, in ms."""
        self.audio = ""
        """Why the caller cannot be heard now, for people."""
        self.callback_wanted: tuple[str, str] | None = None
        """Number and queue, once the caller has asked to be called back."""
        self.priority = 0
        """QUEUE_PRIO for the way to a person."""
        self.started_monotonic = time.monotonic()
        self.language = "en"
        """Of the call: ISO 639-1."""
        self.recording_state: RecordingState = "off"
        self.recording_consent: RecordingConsent = "none"
        self._being_said = ""
        self._writer = writer
        self._listeners: dict[str, dict[str, JsonValue]] = {}
        """By the channel of the supervisor's phone."""
        self._events: deque[CallEvent] = deque(maxlen=_MOST_EVENTS)
        self._card: CardSource | None = None
        """Of the newest card, without what changes."""
        self._newest: Card | None = None
        self._summary: Summary | None = None
        """Of a language model, in place of our own."""

    def announced(self, at: float) -> None:
        """The caller has heard that they are recorded from now on; ``at`` (monotonic) is when the last of it left for them."""
        self.recording_awaits = ""
        self.recording_consent = "announced"
        self.event("recording_announced", at, {})
        log.info("call_recording_announced", extra={"call_id": self.facts.call_id})
        self.on_recordable()

    def recording_answered(self, granted: bool, at: float) -> None:
        """The caller has been asked whether the call may be recorded; nothing but a yes is one."""
        self.recording_consent = "granted" if granted else "refused"
        self.event(f"recording_{self.recording_consent}", at, {})
        log.info(f"call_recording_{self.recording_consent}", extra={"call_id": self.facts.call_id})
        if granted:
            self.recording_awaits = ""
            self.on_recordable()

    def entered(self, channel_id: str, by: str, phone: str, mode: str) -> None:
        """A supervisor listens, or more: those who may know see it as long as it lasts."""
        self._listeners[channel_id] = {"name": by, "mode": mode, "phone": phone, "since": time.time()}
        self.note("supervisor_entered", by=by, phone=phone, mode=mode)
        self._show_listeners()

    def left(self, channel_id: str) -> None:
        """Their phone has hung up; nothing when it was not on this call."""
        if (listener := self._listeners.pop(channel_id, None)) is not None:
            self.note("supervisor_left", by=listener["name"])
            self._show_listeners()

    @property
    def spoken_into(self) -> bool:
        """A supervisor does more than listen: their voice may be on the caller's line."""
        return any(listener["mode"] != "listen" for listener in self._listeners.values())

    def _show_listeners(self) -> None:
        self.on_spoken_into(self.spoken_into)
        self._publish("state", {"listeners": list(self._listeners.values())})

    def show_state(self, state: str, **transfer: JsonValue) -> None:
        """For whoever watches; ``transfer`` tells of the way to a person."""
        shown: dict[str, JsonValue] = {"state": state, **({"transfer": dict(transfer)} if transfer else {})}
        if state == "with_person":
            shown |= {"node": None, "question": None}  # the agent asks nothing any more
        if shown != self._shown:
            self._shown = shown
            self._publish("state", shown)

    def show_audio(self, problem: str) -> None:
        """For whoever watches: why the caller cannot be heard; empty when they can."""
        self.audio = problem
        self._publish("state", {"audio": problem or None})

    def _publish(self, kind: str, data: Mapping[str, JsonValue]) -> None:
        if self._feed is not None:
            self._feed.publish(kind, self.facts.call_id, data)

    def begin(self) -> None:
        """Let those who watch know of the call."""
        facts = self.facts
        self._publish(
            "state",
            {
                "caller": facts.caller,
                "number": facts.number,
                "agent": facts.route,
                "route": facts.route,
                "started": time.time() - (time.monotonic() - self.started_monotonic),
                "state": "arriving",
            },
        )

    def started(self) -> None:
        facts = self.facts
        now = datetime.now(UTC)
        self._writer.call_started(
            CallStarted(facts.call_id, now, self.started_monotonic, facts.number, facts.caller, facts.route, facts.channel_name)
        )

    def partial(self, text: str, at: float) -> None:
        self._being_said = text
        self._publish("partial", {"text": text})

    def listens(self, node: str, question: str) -> None:
        self._publish("state", {"node": node or None, "question": question or None})

    def turn(self, turn: Turn) -> None:
        if turn.who == "caller":
            self._being_said = ""
        self.turns.append(turn)
        if turn.who == "agent" and (gap := turn.latency_ms.get("gap")) is not None:
            self.on_gap(gap)
        self._writer.turn(self.facts.call_id, turn)
        self._publish(
            "turn",
            {
                "number": turn.number,
                "who": turn.who,
                "text": turn.text,
                "heard": turn.heard,
                "via": turn.via,
                "interrupted": turn.interrupted,
                "latency_ms": dict(turn.latency_ms),
            },
        )
        if turn.who == "caller":
            self.update_card()  # what they add while they wait is for the person too

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self._writer.event(self.facts.call_id, kind, at, data)
        self._events.append((kind, at, data))
        self._publish("event", {"event": kind, "data": dict(data)})
        if kind == "secret_entry":
            self.on_secret(bool(data.get("on")))
        elif kind == "language":
            self.language = str(data.get("language") or self.language)
            self._publish("state", {"language": self.language})
        elif kind in _RECORDING:
            self.recording_state = _RECORDING[kind]
            self._publish("state", {"recording": self.recording_state})

    def note(self, kind: str, /, **data: JsonValue) -> None:
        """An event of call control, now."""
        self.event(kind, time.monotonic(), data)
        log.info(f"call_{kind}", extra={"call_id": self.facts.call_id, **{f"call_{key}": value for key, value in data.items()}})

    def card(self, queue: str, reason: str) -> str:
        """Store the first revision of a new context card; returns its id, which is opaque and never reused."""
        self._card = CardSource(
            card_id=new_card_id(),
            call_id=self.facts.call_id,
            transfer_id=self._card.transfer_id if self._card is not None else uuid.uuid4().hex,
            created_at=datetime.now(UTC),
            reason=reason,
            queue=queue,
            outcome=self.outcome,
            turns=(),
            started_monotonic=self.started_monotonic,
            caller_number=self.facts.caller,
            agent=self.facts.route,
            number=self.facts.number,
            revision=0,
        )
        self._summary = None
        self.update_card()
        return self.card_id

    def update_card(self, state: CardState | None = None) -> None:
        """Store what is known by now as the next revision; nothing when there is no card. ``state`` None: as before."""
        if self._card is None:
            return
        self._card = replace(self._card, state=state or self._card.state, revision=self._card.revision + 1)
        self._newest = make_card(
            replace(
                self._card,
                turns=tuple(self.turns),
                events=tuple(self._events),
                language=self.language,
                consent=Consent(ai_disclosed=bool(self.turns), recording=self.recording_consent),
                recording_state=self.recording_state,
                updated_at=datetime.now(UTC),
                call_s=time.monotonic() - self.started_monotonic,
            )
        )
        if self._summary is not None:
            self._newest = replace(self._newest, summary=self._summary)
        self._writer.card(self._newest)
        card = self._card
        self._publish("card", {"card_id": card.card_id, "state": card.state, "revision": card.revision, "queue": card.queue})

    def summarised(self, summary: Summary) -> None:
        """What a language model made of the newest card: the card's summary from now on."""
        if self._newest is not None and summary != self._newest.summary:
            self._summary = summary
            self.update_card()

    async def stored(self, limit_s: float) -> bool:
        """Wait until all that was recorded is in the database; False when ``limit_s`` passed first."""
        return await self._writer.flush(limit_s)

    @property
    def card_id(self) -> str:
        """Of the newest card; empty while there is none."""
        return self._card.card_id if self._card is not None else ""

    def newest_card(self) -> Card:
        """Raises ValueError when there is none."""
        if self._newest is None:
            raise ValueError(f"call {self.facts.call_id} has no card")
        return self._newest

    def slots(self) -> dict[str, str]:
        """What is known from the last conversation."""
        return dict(self.outcome.slots) if self.outcome is not None else {}

    def conversation_ended(self, outcome: Outcome, queue: str) -> None:
        """``queue`` is the one whose people are to call back."""
        self.outcome = outcome
        self.note("conversation_ended", kind=outcome.kind, reason=outcome.reason)
        self._callback(outcome, queue)

    def company_ended(self, outcome: Outcome, queue: str) -> None:
        """The talk while waiting: what it learned is added to what is known, what the call is about stays."""
        if self.outcome is not None:
            self.outcome = replace(self.outcome, slots={**self.outcome.slots, **slots_of(outcome)})
        self._callback(outcome, queue)

    def _callback(self, outcome: Outcome, queue: str) -> None:
        if outcome.reason == "callback":
            said = outcome.slots.get("callback_number", "")
            number = self.facts.caller if said in ("", _THIS_NUMBER) else said
            self._writer.callback(self.facts.call_id, number, queue)
            self.callback_wanted = (number, queue)

    def ended(self, outcome: str, reason: str) -> None:
        self._writer.call_ended(CallEnded(self.facts.call_id, datetime.now(UTC), outcome, reason, self.statistics))
        self._publish("ended", {"outcome": outcome, "reason": reason})

    def moved(self) -> None:
        """Another worker has the call: it writes the end, those who watch hear of the call from there."""
        self._publish("ended", {"outcome": "elsewhere", "reason": ""})

    def lines(self, count: int) -> list[JsonValue]:
        """The last ``count`` turns, for a screen, and behind them what the caller is saying now."""
        lines: list[JsonValue] = [{"who": turn.who, "text": turn.text} for turn in self.turns]
        if self._being_said:
            lines.append({"who": "caller", "text": f"{self._being_said} …"})
        return lines[-count:]
