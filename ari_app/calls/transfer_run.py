"""One warm transfer's task: feeds the transfer machine with what happens, and has done what it says.

The caller stays on their line with the agent; a placeholder stands in the queue for them. What is taken here is given back before ``run``
returns, but for the person who is joined with the caller: from then on that is Asterisk's own bridge.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from agents.conversation.messages import Unanswered
from agents.transcript import JsonValue
from ari_app.ami.port import AmiError, AmiEvent
from ari_app.ari.errors import AriError, Gone
from ari_app.calls.conversations import Company
from ari_app.calls.media_port import MediaLine
from ari_app.calls.record import CallRecord
from ari_app.calls.shell_names import BRIDGE_PREFIX, LEG_PREFIX
from ari_app.calls.transfer_company import CallerCompany
from ari_app.calls.transfer_deps import TransferDeps
from ari_app.calls.transfer_names import Place
from ari_app.calls.transfer_people import People
from handoff.transfer import TransferMachine
from handoff.transfer_actions import (
    Action,
    Brief,
    BuildConsult,
    DropConsult,
    DropMember,
    Enqueue,
    Finish,
    Introduce,
    Join,
    LogQueue,
    Note,
    StartCompany,
    StopCompany,
    StoreCard,
    Tell,
    TellMember,
    TransferResult,
)
from handoff.transfer_steps import (
    Begin,
    CallerGone,
    CardStored,
    Enqueued,
    EnqueueFailed,
    Joined,
    MemberAnswered,
    MemberGone,
    MemberMissed,
    MemberRinging,
    PartLost,
    PlaceChanged,
    QueueLeft,
    Shutdown,
    State,
    Tick,
    TransferEvent,
)

log = logging.getLogger(__name__)

_STORED_S = 0.4
"""For the card to reach the database."""
_HEAD_START_S = 0.25
"""From there to the page of whoever will be rung: a phone that rings before its card is there is answered without it."""
CARD_S = _STORED_S + _HEAD_START_S + 0.15
"""How long the machine has to wait for both."""
_STATUS_S = 0.15
"""How long after a placeholder the word may come of how its stay in the queue ended."""
_PARTING_S = 6.0
"""After the caller has gone: for what the person on the line still has to be told."""
_SHOWN = {
    State.QUEUED: "waiting",
    State.RINGING: "ringing",
    State.BRIEFING: "briefing",
    State.ACCEPTED: "briefing",
    State.BRIDGING: "with_person",
}
"""What supervisors see of a state."""


class TransferRun:
    """Run it once. Everything else may be called at any time, also after its end."""

    def __init__(
        self,
        record: CallRecord,
        deps: TransferDeps,
        *,
        line: MediaLine,
        bridge_id: str,
        queue: str,
        serial: int,
        unanswered: Sequence[Unanswered],
        take: Callable[[str], None],
    ) -> None:
        """``serial``: which transfer of the call it is, from 1. ``unanswered``: what the conversation before left of the line's events.
        ``take`` is told the channel to which the caller is to go on.
        """
        self._record = record
        self._deps = deps
        self._queue = queue
        self._serial = serial
        self._take = take
        self._inbox: asyncio.Queue[TransferEvent] = asyncio.Queue()
        self.machine = TransferMachine(deps.mode, deps.limits, queue, now=time.monotonic(), priority=record.priority)
        self._company = CallerCompany(record, deps, line, queue, unanswered, self.post, self._spawn)
        self.people = People(record, deps, bridge_id, self.post, self._spawn)
        """Whoever picked up."""
        self._names: dict[int, str] = {}
        """The channel of the person, by attempt; they have answered."""
        self._members: dict[int, str] = {}
        self._joining: set[int] = set()
        self._joined: set[int] = set()
        self._left: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._enqueuing: dict[int, asyncio.Task[None]] = {}
        self._stored = False

    def place(self, attempt: int) -> Place:
        return Place(self._record.facts.call_id, self._serial, attempt)

    @property
    def company(self) -> Company | None:
        """Whoever talks with the caller; None while they hear music only."""
        return self._company.talk

    @property
    def caller_away(self) -> bool:
        """Whether the caller talks with the person, in whose bridge they then are: nothing of theirs comes to our own leg."""
        return self.machine.state in (State.ACCEPTED, State.BRIDGING)

    @property
    def serial(self) -> int:
        return self._serial

    def owned(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Ids of channels, media legs and bridges that are ours, or may be any moment."""
        places = [self.place(attempt) for attempt in range(1, self.machine.attempt + 1)]
        return (
            frozenset(half for place in places for half in (place.member_channel, place.queue_channel)),
            frozenset(LEG_PREFIX + place.line for place in places),
            frozenset(BRIDGE_PREFIX + place.line for place in places),
        )

    def live(self) -> dict[str, JsonValue]:
        """For a screen."""
        waits = self.machine.state in (State.QUEUED, State.RINGING)
        place_now = self._deps.line.place(self._queue, self.place(self.machine.attempt).queue_channel)
        position, wait_s = place_now if waits else (None, None)
        return {
            "attempt": self.machine.attempt,
            "queue": self._queue,
            "position": position,
            "expected_wait_s": wait_s,
            "member": self.machine.member,
        }

    # What happens

    def post(self, event: TransferEvent) -> None:
        self._inbox.put_nowait(event)

    def person_entered(self, attempt: int, channel_name: str) -> None:
        self._names[attempt] = channel_name
        self.post(MemberAnswered(attempt, self._members.get(attempt, "")))

    def person_left(self, attempt: int) -> None:
        """Out of our application: taken over by the caller's bridge, or about to go."""
        if attempt in self._joining:
            self._joined.add(attempt)
            self.post(Joined(attempt))

    def channel_gone(self, attempt: int) -> None:
        if attempt in self._names:
            self.post(MemberGone(attempt))
        elif attempt not in self._left:
            self._spawn(self._vanished(attempt))

    def queue_event(self, attempt: int, event: AmiEvent) -> None:
        """What the manager interface says of a placeholder."""
        match event.get("Event"):
            case "QueueCallerJoin":
                position, wait_s = self._deps.line.place(self._queue, self.place(attempt).queue_channel)
                said = event.get("Position", "")
                self.post(Enqueued(attempt, int(said) if said.isdigit() else position, wait_s))
            case "AgentCalled":
                self._members[attempt] = event.get("MemberName", "")
                self.post(MemberRinging(attempt, self._members[attempt]))
            case "AgentRingNoAnswer":
                self.post(MemberMissed(attempt, event.get("MemberName", "")))
            case "AgentConnect":
                self._members[attempt] = event.get("MemberName", "")
            case "UserEvent":
                self._left.add(attempt)
                self.post(QueueLeft(attempt, event.get("Status") or "UNKNOWN"))

    def line_changed(self) -> None:
        """The queue board has news."""
        if not self._deps.ami.connected:
            self.post(PartLost("ami"))
        attempt = self.machine.attempt
        if attempt:
            self.post(PlaceChanged(attempt, *self._deps.line.place(self._queue, self.place(attempt).queue_channel)))

    # Life

    async def run(self) -> TransferResult:
        """To the end, however it comes."""
        self.post(Begin())
        try:
            result = await self._loop()
        except Exception:
            log.exception("transfer_broke", extra={"call_id": self._record.facts.call_id})
            result = TransferResult("blind", "broken", queue=self._queue)
        finally:
            await asyncio.shield(self._give_back())
        return result

    async def end(self, reason: str, running: "asyncio.Task[None]") -> None:
        """The call lets go of its transfer: for ``reason`` (as LineClosed has it). Returns when nothing of it is left."""
        match reason:
            case "media_lost":
                self.post(PartLost("media"))
            case "shutdown":
                self.post(Shutdown())
            case _ if reason == "hangup" or self.machine.state is not State.BRIDGING:
                # They hung up, or the dead-man timer has taken them: either way nobody is to be found for them here.
                self.post(CallerGone())
        await asyncio.wait((running,), timeout=_PARTING_S)
        if not running.done():
            running.cancel()
            await asyncio.wait((running,))

    async def _loop(self) -> TransferResult:
        while True:
            event = await self._next()
            actions = self.machine.step(event, time.monotonic())
            self._show()
            for action in actions:
                if isinstance(action, Finish):
                    return action.result
                self._act(action)

    def _show(self) -> None:
        if (shown := _SHOWN.get(self.machine.state)) is not None:
            self._record.show_state(shown, **self.live())

    async def _next(self) -> TransferEvent:
        deadline = self.machine.deadline
        if deadline is None:
            return await self._inbox.get()
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return await self._inbox.get()
        except TimeoutError:
            return Tick()

    def _act(self, action: Action) -> None:
        match action:
            case StoreCard(state):
                self._record.update_card(state=state)
                if not self._stored:
                    self._stored = True
                    self._spawn(self._store())
            case StartCompany():
                self._company.start()
            case StopCompany():
                self._company.stop()
            case Tell():
                self._company.tell(action)
            case Enqueue(attempt):
                self._enqueuing[attempt] = self._spawn(self._enqueue(action))
            case BuildConsult(attempt):
                self.people.build(self.place(attempt))
            case Brief(attempt, repeat) if repeat == 0:  # the talk repeats by itself
                self.people.brief(attempt)
            case Introduce(attempt):
                self._spawn(self.people.introduce(attempt))
            case Join(attempt):
                self._joining.add(attempt)
                self._take(self._names[attempt])
            case TellMember(attempt, what):
                self._spawn(self.people.part(attempt, what))
            case DropMember(attempt, _):
                self._spawn(self._drop_member(attempt))
            case DropConsult(attempt):
                self._spawn(self.people.drop(attempt, joined=attempt in self._joined))
            case LogQueue(attempt, member, event, data):
                self._spawn(self._log_queue(attempt, member, event, data))
            case Note(kind, data):
                self._record.note(kind, **data)
            case _:  # Brief again, and Finish, of which the loop takes care
                pass

    # The card

    async def _store(self) -> None:
        stored = await self._record.stored(_STORED_S)
        await asyncio.sleep(_HEAD_START_S)
        self.post(CardStored(stored))
        if self._deps.summarise is not None:
            self._record.summarised(await self._deps.summarise(self._record.newest_card()))

    # The placeholder

    async def _enqueue(self, action: Enqueue) -> None:
        if self._deps.line.deserted(action.queue):
            # The queue would keep the caller all the same, as it does those who have no agent to go back to.
            self.post(QueueLeft(action.attempt, "JOINEMPTY"))
            return
        place, facts = self.place(action.attempt), self._record.facts
        card = self._record.card_id
        variables = {"PATCHCORD_PLACE": place.name, "PATCHCORD_CARD": card, "PATCHCORD_URL": self._deps.card_url(card)}
        variables["__PATCHCORD_UUI"] = card.encode().hex()
        if action.position is not None:
            variables["PATCHCORD_POSITION"] = str(action.position)
        if action.priority:
            variables["QUEUE_PRIO"] = str(action.priority)
        try:
            made = await self._deps.ari.originate(
                f"Local/{action.queue}@patchcord-place/n",
                self._deps.app,
                f"person,{place.name}",
                place.member_channel,
                timeout_s=int(self._deps.limits.wait_s + self._deps.limits.ring_s) + 1,
                other_channel_id=place.queue_channel,
                originator=facts.channel_id,
                caller_id=facts.caller,
                variables=variables,
            )
        except AriError as error:
            self.post(EnqueueFailed(action.attempt, str(error)))
            return
        if isinstance(made, Gone):
            self.post(EnqueueFailed(action.attempt, made.reason))

    async def _vanished(self, attempt: int) -> None:
        """The word of how its stay in the queue ended comes by another way, and may come later."""
        await asyncio.sleep(_STATUS_S)
        if attempt not in self._left:
            self.post(MemberGone(attempt))

    async def _drop_member(self, attempt: int) -> None:
        await self._after(self._enqueuing.pop(attempt, None))
        if attempt in self._joined:
            return
        try:
            await self._deps.ari.hangup(self.place(attempt).member_channel)
        except AriError as error:
            self._warn("person_not_dropped", error)

    async def _log_queue(self, attempt: int, member: str, event: str, data: tuple[str, ...]) -> None:
        try:
            await self._deps.ami.queue_log(self._queue, self.place(attempt).queue_channel, member, event, "|".join(data))
        except AmiError as error:
            self._warn("queue_log_failed", error)

    # The end

    async def _give_back(self) -> None:
        """What the machine left to be done, and, after a fault, what it did not."""
        self._company.stop()
        await self.people.drop_all(self._joined)
        for attempt in list(self._enqueuing):
            await self._drop_member(attempt)
        await self._company.music_off()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=3.0)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    @staticmethod
    async def _after(task: "asyncio.Task[None] | None") -> None:
        if task is not None:
            await asyncio.wait((task,))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("transfer_task_failed", extra={"call_id": self._record.facts.call_id}, exc_info=error)

    def _warn(self, event: str, error: Exception) -> None:
        log.warning(event, extra={"call_id": self._record.facts.call_id, "error": str(error)})
