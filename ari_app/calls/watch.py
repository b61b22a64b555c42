"""Watches over one caller: joins how they feel, what they say and what happens to them with the rules, and tells what follows.

One for a call, however many conversations with agents it has. Everything that it finds goes into the call's record, and the rules see
exactly what is recorded: so stored calls can be judged anew.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from agents.concerns.finding import Concern
from agents.conversation.attention import Advice, Heard, PassOn
from agents.conversation.manner_in_force import MannerInForce, as_event
from agents.emotion.event import emotion_event
from agents.emotion.monitor import EmotionMonitor
from agents.emotion.notice import notice_in
from agents.emotion.signs import Feeling, Mood
from agents.manner import Manner
from agents.transcript import JsonValue, Sink, Turn
from ari_app.calls.record import CallFacts, CallRecord
from handoff.recording_notice import recording_notice_in
from handoff.rules.decisions import Decision
from handoff.rules.happenings import Happening
from handoff.rules.ruleset import RuleSet
from handoff.rules.state import WatchState
from handoff.rules.watch import step

log = logging.getLogger(__name__)

_LATE_S: Final = 0.08
"""Longest wait for what the voice says once the turn is over; longer than that the caller would hear."""

Found = tuple[str, dict[str, JsonValue]]
"""Kind and data of an event."""
Transfer = Callable[[str, str, str], None]
"""Queue, reason, and what the caller hears first."""


class Finder(Protocol):
    """What finds concerns in words: ``agents.concerns.finding.ConcernFinder`` of one language."""

    def find(self, text: str) -> Sequence[Concern]: ...


@dataclass(frozen=True, slots=True)
class WatchDeps:
    """What all calls share."""

    monitor: Callable[[CallFacts], EmotionMonitor]
    concerns: Callable[[str], Finder]
    """By language."""
    rules: Callable[[str, str], RuleSet]
    """By dialled number and agent."""
    notices: Mapping[str, str]
    queue_facts: Callable[[str], Mapping[str, JsonValue]]
    """Data of the event ``queue`` for a queue; empty while nothing is known of it. An empty name: the agents' own."""
    recording_notices: Mapping[str, str] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What the rules would decide if the turn ended at this pause."""

    utterance: int
    revision: int
    rules: tuple[str, ...]
    at: float


class CallWatch:
    """An Attention; ``sink`` is for the conversations, ``connect`` tells how to reach the one that runs now."""

    def __init__(self, record: CallRecord, deps: WatchDeps, clock: Callable[[], float] = time.monotonic) -> None:
        self._record = record
        self._deps = deps
        self._clock = clock
        self._monitor = deps.monitor(record.facts)
        self._rules = deps.rules(record.facts.number, record.facts.route)
        self._state = WatchState()
        self._latest = record.started_monotonic
        """Time does not step back for the rules: a turn is told of when it is over and understood, with the end of its voice."""
        self._seen: dict[str, Mapping[str, object]] = {}
        """What the rules were last told of the surroundings, by kind."""
        self._foreseeing: asyncio.Task[None] | None = None
        self._foreseen: _Foreseen | None = None
        self._transfer: Transfer = lambda queue, reason, say: None
        self.manner = MannerInForce(told=self._manner_changed)
        self.sink: Sink = _WatchedSink(record, self)
        self._step(record.started_monotonic, ("started", {"number": record.facts.number, "agent": record.facts.route}))

    @property
    def attention(self) -> "CallWatch":
        return self

    def connect(self, transfer: Transfer) -> None:
        self._transfer = transfer

    def stop_voice(self) -> None:
        """From now on words and behaviour only."""
        self._monitor.stop_voice()

    def close(self) -> None:
        """The call is over."""
        if self._foreseeing is not None:
            self._foreseeing.cancel()
        self._monitor.close()

    # What the caller must be told

    def notice(self, language: str) -> str:
        """See Attention."""
        told = [recording_notice_in(language, self._deps.recording_notices)] if self._record.recording_awaits == "notice" else []
        if self._voice_unannounced:
            told.append(notice_in(language, self._deps.notices))
        return " ".join(told)

    def announced(self, at: float) -> None:
        """See Attention."""
        if self._record.recording_awaits == "notice":
            self._record.announced(at)
        if self._voice_unannounced:
            self._monitor.voice_allowed = True
            self._record.event("emotion_notice", at, {})

    @property
    def _voice_unannounced(self) -> bool:
        return self._monitor.mode == "audio" and not self._monitor.voice_allowed

    # What the caller says

    def glance(self, heard: Heard) -> None:
        """See Attention."""
        if self._monitor.mode == "off":
            return
        self._monitor.glance(heard)
        if not heard.text:
            return
        if self._foreseeing is not None:
            self._foreseeing.cancel()
        self._foreseeing = asyncio.create_task(self._foresee(heard))

    async def _foresee(self, heard: Heard) -> None:
        """Have the decision while it is still open whether the turn is over."""
        try:
            feeling, mood = await self._monitor.foresee(heard, self._record.language)
            number = max((turn.number for turn in self._record.turns), default=0) + 1
            happenings = [("turn", self._told(number, "caller", heard.started_at, heard.ended_at))]
            happenings += self._found(number, heard, feeling, mood)
            state, decided = self._state, list[Decision]()
            for kind, data in happenings:
                state, decisions = step(state, self._rules, Happening(kind, max(self._clock(), self._latest), data))
                decided += decisions
            self._foreseen = _Foreseen(heard.utterance, heard.revision, tuple(each.rule for each in decided), self._clock())
        except Exception:
            log.exception("decision_not_foreseen", extra={"call_id": self._record.facts.call_id})

    async def answer(self, heard: Heard, turn: Turn, known: Mapping[str, str]) -> Advice:
        """See Attention."""
        try:
            return await self._answer(heard, turn, known)
        except Exception:  # no fault of a rule or a model may cost the caller their answer
            log.exception("turn_not_judged", extra={"call_id": self._record.facts.call_id})
            return Advice()

    async def _answer(self, heard: Heard, turn: Turn, known: Mapping[str, str]) -> Advice:
        found: list[Found] = []
        if self._monitor.mode != "off":
            feeling, mood = await self._monitor.answer(heard, turn, self._record.language, within_s=_LATE_S)
            found = self._found(turn.number, heard, feeling, mood)
        at = self._clock()
        decided: list[Decision] = []
        for kind, data in [*self._surroundings(known), *found]:
            self._record.event(kind, at, data)
            decided += self._step(at, (kind, data))
        foreseen, self._foreseen = self._foreseen, None
        same = (foreseen.utterance, foreseen.revision, foreseen.rules) if foreseen else None
        known_before = bool(foreseen) and same == (heard.utterance, heard.revision, tuple(each.rule for each in decided))
        if foreseen and known_before:
            at = foreseen.at
        advice = self._obey(decided, after_ms=round((at - turn.ended_at) * 1000), foreseen=known_before)
        self._record.update_card()  # a caller who is back from a queue has one, and the next person looks at it
        return advice

    def _found(self, number: int, heard: Heard, feeling: Feeling, mood: Mood) -> list[Found]:
        span = [round((at - self._record.started_monotonic) * 1000) for at in (heard.started_at, heard.ended_at)]
        concerns = self._deps.concerns(self._record.language).find(heard.text)
        found: list[Found] = [("emotion", emotion_event(number, feeling, mood, *span))]
        for each in concerns:
            found.append(("concern", {"turn": number, "name": each.name, "confidence": round(each.confidence, 3), "pattern": each.pattern}))
        return found

    def _surroundings(self, known: Mapping[str, str]) -> Iterator[Found]:
        """What the rules ask of the customer and of the queue, when it is not what they were told before."""
        wanted: list[Found] = [("facts", {name: known[name] for name in sorted(self._rules.facts_read) if name in known})]
        wanted += [("queue", dict(self._deps.queue_facts(name))) for name in sorted(self._rules.queues_read)]
        for kind, data in wanted:
            key = f"{kind} {data.get('queue', '')}"
            if data and self._seen.get(key) != data:
                self._seen[key] = data
                yield kind, data

    # What happens

    def said(self, turn: Turn) -> None:
        """A turn of either side is on record."""
        data = self._told(turn.number, turn.who, turn.started_at, turn.ended_at) | {"via": turn.via, "interrupted": turn.interrupted}
        self._happened("turn", turn.ended_at, data)

    def happened(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        """An event of a conversation is on record."""
        self._happened(kind, at, data)

    def _happened(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        try:
            if kind != "turn" and self._monitor.mode != "off":
                self._monitor.happened(kind, at, data)
            advice = self._obey(self._step(at, (kind, dict(data))), after_ms=round((self._clock() - at) * 1000))
        except Exception:
            log.exception("event_not_judged", extra={"call_id": self._record.facts.call_id, "kind": kind})
            return
        if advice.pass_on is not None:
            self._transfer(advice.pass_on.queue, advice.pass_on.reason, advice.pass_on.say)

    @staticmethod
    def _told(number: int, who: str, start: float, end: float) -> dict[str, JsonValue]:
        return {"number": number, "who": who, "start": start, "end": end}

    # The rules

    def _step(self, at: float, found: Found) -> Sequence[Decision]:
        decided: list[Decision] = []
        self._latest = at = max(at, self._latest)
        # As a replay reckons: the moment of what happened, not of its judgement.
        clock = self._rules.clock(self._deps.now() - timedelta(seconds=self._clock() - at))
        for kind, data in (found, ("clock", clock)) if found[0] == "started" else (("clock", clock), found):
            if kind == "clock" and self._seen.get("clock") == data:
                continue
            if kind == "clock":
                self._seen["clock"] = data
            self._state, decisions = step(self._state, self._rules, Happening(kind, at, data))
            decided += decisions
        return decided

    def _obey(self, decided: Sequence[Decision], *, after_ms: int, foreseen: bool = False) -> Advice:
        """``after_ms``: from what they were decided on to the decision; ``foreseen``: it was made before the turn was over."""
        first, pass_on, language = "", None, self._record.language
        for decision in decided:
            self._record.event("escalation_rule", self._clock(), decision.event() | {"after_ms": after_ms, "foreseen": foreseen})
            if decision.shadow:
                continue
            if decision.manner is not None:
                self.manner.set(decision.manner, decision.rule)
            if decision.act == "escalate" and pass_on is None:
                pass_on = PassOn(decision.reason, decision.queue, decision.words(language))
                self._record.priority = decision.priority or 0
            elif decision.act == "flag":
                self._record.event("flagged", self._clock(), {"reason": decision.reason, "rule": decision.rule})
            else:
                first = first or decision.words(language)
        return Advice(first, pass_on)

    def _manner_changed(self, manner: Manner, why: str) -> None:
        self._record.event("manner", self._clock(), as_event(manner, why))


class _WatchedSink:
    """The call's record, with the watch looking on."""

    def __init__(self, record: CallRecord, watch: CallWatch) -> None:
        self._record = record
        self._watch = watch

    def turn(self, turn: Turn) -> None:
        self._record.turn(turn)
        self._watch.said(turn)

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self._record.event(kind, at, data)
        self._watch.happened(kind, at, data)

    def partial(self, text: str, at: float) -> None:
        self._record.partial(text, at)

    def listens(self, node: str, question: str) -> None:
        self._record.listens(node, question)
