"""One call's task: feeds the machine with what happened, and has the shell do what it says."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any

from agents.transcript import JsonValue
from ari_app.ami.port import AmiEvent
from ari_app.calls.conversations import Conversation, Resume
from ari_app.calls.held_places import Place
from ari_app.calls.machine import CallMachine, Limits
from ari_app.calls.metrics import CallMetrics
from ari_app.calls.recall import Recall
from ari_app.calls.record import CallRecord
from ari_app.calls.shell import CallShell, ShellDeps
from ari_app.calls.steps import (
    Action,
    Answer,
    Arrived,
    Brief,
    Briefed,
    CallEvent,
    ConversationEnded,
    Disarm,
    Finish,
    Hangup,
    Join,
    Leave,
    Locate,
    Note,
    Release,
    State,
    Take,
    Tick,
    TransferEnded,
    Yield,
)
from ari_app.calls.transfer_run import TransferRun
from handoff.briefing import spoken_brief

log = logging.getLogger(__name__)

_SHOWN = {State.ATTACHING: "arriving", State.TALKING: "talking", State.TRANSFERRING: "waiting", State.ENDING: "ending"}
"""What supervisors see of a state; a call outside is shown by what its queue says."""


class CallActor:
    """Owner of everything that belongs to one call. ``run`` returns when all of it is given back."""

    def __init__(
        self, record: CallRecord, deps: ShellDeps, metrics: CallMetrics, *, queue: str, limits: Limits, recall: Recall | None = None
    ) -> None:
        """``recall`` tells what was said before, for a caller who was served before this process was there."""
        self.record = record
        self._metrics = metrics
        self._queue_name = queue
        self._recall = recall
        self._echo = record.facts.route == "echo"
        self.machine = CallMachine(queue=queue, limits=limits, echo=self._echo, accompanied=deps.transfer is not None)
        self._inbox: asyncio.Queue[CallEvent] = asyncio.Queue()
        self.shell = CallShell(record, deps, self.post, self._resume)
        self._tasks: set[asyncio.Task[None]] = set()
        self._queue_status: str | None = None
        self._refused = False
        self._held = deps.held
        self._position: int | None = None
        """In line, of a caller who wants to be called back instead."""
        self._arrived_at = 0.0
        self.setup_s: float | None = None
        """From the last arrival to the audio path, once it is there."""

    @property
    def state(self) -> State:
        return self.machine.state

    @property
    def echo(self) -> bool:
        """Nobody talks to the caller but themselves."""
        return self._echo

    @property
    def served(self) -> bool:
        """The caller is, or is about to be, with the agent."""
        return self.state not in (State.OUTSIDE, State.ENDED)

    @property
    def with_agent(self) -> bool:
        """They count for the limits: who is refused, or on the way out, takes nobody's place."""
        return self.served and not self._refused and self.state is not State.LEAVING

    def post(self, event: CallEvent) -> None:
        self._inbox.put_nowait(event)

    def arrive(self, refused: str = "", queue_status: str | None = None) -> None:
        """The caller entered our application; ``queue_status`` says how their stay in a queue ended, None when there was none."""
        self._queue_status = queue_status
        self._refused = bool(refused)
        self.post(Arrived(refused))

    def digit(self, digit: str) -> None:
        line = self.shell.line(self.machine.stage)
        if line is not None:
            line.digit(digit)

    def transfers(self) -> list[TransferRun]:
        return self.shell.transfers()

    @property
    def talk(self) -> Conversation | None:
        """Whoever talks to the caller now; None while nobody does."""
        for run in self.transfers():
            return run.company
        return self.shell.talk if self.state is State.TALKING else None

    @property
    def person_faces(self) -> str:
        """Id of the channel that a person would be, or is, bridged with."""
        return self.shell.person_faces

    def queue_event(self, event: AmiEvent) -> None:
        """What the manager interface says of a caller who stands in a queue themselves."""
        if self.state is not State.OUTSIDE:
            return
        match event.get("Event"):
            case "QueueCallerJoin":
                self.record.show_state("waiting", queue=event.get("Queue", ""))
            case "AgentCalled":
                self.record.show_state("ringing", member=event.get("MemberName", ""))
            case "AgentRingNoAnswer":
                self.record.show_state("waiting")
            case "AgentConnect":
                self.record.note("with_person", member=event.get("MemberName", ""), queue=event.get("Queue", ""))
                self.record.show_state("with_person", member=event.get("MemberName", ""))
                self.shell.person_joined()

    def beat(self) -> None:
        if self.machine.beats:
            self.shell.beat()

    def live(self, lines: int) -> dict[str, JsonValue]:
        facts = self.record.facts
        return {
            "id": facts.call_id,
            "seconds": round(time.monotonic() - self.record.started_monotonic, 1),
            "caller": facts.caller,
            "number": facts.number,
            "route": facts.route,
            "state": str(self.state),
            "audio": self.record.audio,
            "lines": self.record.lines(lines),
        }

    async def run(self) -> None:
        if self._recall is None:
            self.record.started()
        else:
            self._spawn(self._start_record(self._recall))
        try:
            while self.state is not State.ENDED:
                await self._turn()
            await self._keep_place()
        except Exception:
            log.exception("call_actor_failed", extra={"call_id": self.record.facts.call_id})
            await self._abandon("actor_failed")
        except asyncio.CancelledError:
            await self._abandon("shutdown")
            raise
        finally:
            await self._settle()

    async def _keep_place(self) -> None:
        """The caller has gone; whether to be called back is their last word."""
        record, facts = self.record, self.record.facts
        if self._held is None or record.callback_wanted is None or self.machine.outcome[0] != "callback":
            return
        number, queue = record.callback_wanted
        # Who asks before anybody was to take over, or in a call that another worker began, has no card here.
        brief = spoken_brief(record.newest_card(), record.language, callback=True) if record.card_id else ""
        await self._held.keep(
            Place(facts.call_id, number, queue, self._position, record.card_id, facts.number, record.priority, brief, record.language)
        )

    async def _start_record(self, recall: Recall) -> None:
        """A call that an earlier process began is in the records already."""
        if not await recall.known():
            self.record.started()

    async def _turn(self) -> None:
        event = await self._next()
        now = time.monotonic()
        if isinstance(event, Arrived):
            self._arrived_at = now
        if isinstance(event, TransferEnded) and event.result.kind in ("back_to_agent", "callback"):
            self._queue_status = event.result.detail
            self._position = event.result.position
        if isinstance(event, ConversationEnded):
            self.record.conversation_ended(event.outcome, self._queue_name)
        before = self.state
        for action in self.machine.step(event, now):
            self._act(action)
        if self.state is not before:
            self._entered(self.state, now)

    async def _next(self) -> CallEvent:
        deadline = self.machine.deadline
        if deadline is None:
            return await self._inbox.get()
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return await self._inbox.get()
        except TimeoutError:
            return Tick()

    def _entered(self, state: State, now: float) -> None:
        if (shown := _SHOWN.get(state)) is not None:
            self.record.show_state(shown)
        if state is State.TALKING:
            self.setup_s = now - self._arrived_at
            self._metrics.setup.observe(self.setup_s)
            self.record.note("connected", setup_ms=round(self.setup_s * 1000, 1))

    def _act(self, action: Action) -> None:
        match action:
            case Answer():
                self._spawn(self.shell.answer())
            case Take(resource):
                self.shell.take(resource)
            case Release(resource, reason):
                self._spawn(self.shell.release(resource, reason))
            case Join(stage):
                self._spawn(self.shell.join(stage))
            case Brief(queue, reason):
                self._spawn(self._brief(queue, reason))
            case Leave():
                self._spawn(self.shell.leave(action))
            case Hangup():
                self._spawn(self.shell.hangup())
            case Locate(stage):
                self._spawn(self.shell.locate(stage))
            case Disarm():
                self._spawn(self.shell.disarm())
            case Note(kind, reason):
                self._metrics.events.labels(kind).inc()
                self.record.note(kind, reason=reason)
            case Finish(outcome, reason):
                self._finish(outcome, reason)
            case Yield():
                self.record.moved()

    async def _brief(self, queue: str, reason: str) -> None:
        try:
            await self.shell.brief(queue, reason)
        finally:
            self.post(Briefed())

    def _finish(self, outcome: str, reason: str) -> None:
        self._metrics.outcomes.labels(outcome).inc()
        self.record.ended(outcome, reason)

    async def _resume(self) -> Resume | None:
        if self.machine.rebuilt:
            return Resume(list(self.record.turns), self.record.slots(), anew=True)
        if self._queue_status is None:
            return None
        if self._recall is not None and not self.record.turns:
            self.record.turns.extend(await self._recall.turns())
        outcome = self.record.outcome
        return Resume(list(self.record.turns), dict(outcome.slots) if outcome else {}, self._queue_status)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("call_task_failed", extra={"call_id": self.record.facts.call_id}, exc_info=error)

    async def _abandon(self, reason: str) -> None:
        if self.state not in (State.OUTSIDE, State.ENDED):
            await self.shell.abandon()
            self._finish("rescued", reason)
        elif self.state is State.OUTSIDE:
            self._finish(*self.machine.outcome)

    async def _settle(self) -> None:
        """No task of this call outlives it."""
        await self.shell.settle()
        tasks = list(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=2.5)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
