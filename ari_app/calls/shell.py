"""What the machine decides, done at Asterisk and the media process. Nothing here decides; every method ends by itself within seconds."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from agents.conversation.messages import Unanswered
from agents.transcript import Outcome, Sink
from ari_app.ami.port import AmiError, AmiPort
from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError, AriUnavailable, Gone
from ari_app.calls.call_recording import CallRecording
from ari_app.calls.conversations import Conversation, ConversationFactory, Resume
from ari_app.calls.held_places import HeldPlaces
from ari_app.calls.joined_hearing import HearingDeps, JoinedHearing
from ari_app.calls.media_port import Law, MediaLine, MediaLink
from ari_app.calls.reconcile import where_of
from ari_app.calls.record import CallRecord, RecordingAwaits
from ari_app.calls.recording import Recorder
from ari_app.calls.recording_question import AskedFirst, RecordingQuestions
from ari_app.calls.shell_names import BRIDGE_PREFIX, LEG_PREFIX
from ari_app.calls.steps import (
    Answered,
    AnswerFailed,
    CallerGone,
    CallEvent,
    ConversationEnded,
    Joined,
    JoinFailed,
    Kind,
    Leave,
    LeaveAccepted,
    LeaveFailed,
    Located,
    PersonReady,
    Refused,
    Released,
    Resource,
    Taken,
    TransferEnded,
    Where,
)
from ari_app.calls.transfer_deps import TransferDeps
from ari_app.calls.transfer_run import TransferRun
from ari_app.calls.watch import CallWatch
from ari_app.media.errors import MediaError

log = logging.getLogger(__name__)

CARD_S = 0.5
"""Longest wait for the card's id to be set on the channel: the caller goes before the card."""
_CLOSE_S = 2.0
_WIND_UP_S = 1.5
"""How long a conversation may take to end by itself after its line has closed."""

_QUEUE = re.compile(r"[\w.-]{1,80}", re.ASCII)
"""What may be asked of the dialplan; a queue has no other name."""

_T = TypeVar("_T")

__all__ = ["CARD_S", "CallShell", "ShellDeps"]


@dataclass(frozen=True, slots=True)
class ShellDeps:
    """What all calls share."""

    app: str
    ari: AriClient
    ami: AmiPort
    media: Callable[[], MediaLink | None]
    """The media link now; None while there is none."""
    media_host: str
    conversations: ConversationFactory
    recorder: Recorder | None
    deadman_s: float
    transfer: TransferDeps | None = None
    """None: callers go into the queue without company."""
    card_url: Callable[[str], str] = str
    """A card's id to where it can be seen."""
    default_queue: str = ""
    """Where callers wait who want a queue that the dialplan keeps no place in."""
    watch: Callable[[CallRecord], CallWatch] | None = None
    """Who watches over how the caller feels; None: nobody does."""
    recording_awaits: RecordingAwaits = ""
    """What recording waits for. A notice is given by the watch, the question asked by ``recording_questions``."""
    recording_questions: RecordingQuestions | None = None
    held: HeldPlaces | None = None
    """Keeps the places of callers who are to be called back; None: nobody does."""
    hearing: HearingDeps | None = None
    """What callers say to people is written down with this; None: it is not."""


class CallShell:
    """Owner of one call's line, leg, bridge and conversation. ``post`` takes what happened."""

    def __init__(
        self, record: CallRecord, deps: ShellDeps, post: Callable[[CallEvent], None], resume: Callable[[], Awaitable[Resume | None]]
    ):
        self._record = record
        self._deps = deps
        self._post = post
        self._resume = resume
        self._channel = record.facts.channel_id
        self._name = record.facts.channel_name
        self._echo = record.facts.route == "echo"
        self._lines: dict[int, MediaLine] = {}
        self._law: Law = "ulaw"
        self._takes: dict[Resource, asyncio.Task[None]] = {}
        self._talks: dict[int, asyncio.Task[None]] = {}
        self.talk: Conversation | None = None
        """The newest one, also after its end."""
        self._transfers: dict[int, tuple[TransferRun, asyncio.Task[None]]] = {}
        self._serial = 0
        self.person_faces = self._channel
        """Id of the channel that a person is bridged with, once there is one."""
        self._wanted = ""
        """Queue of the newest handover."""
        self._beat: asyncio.Task[None] | None = None
        self._recording = CallRecording(record, deps.recorder if record.facts.options.record else None, deps.recording_awaits)
        self._watch = deps.watch(record) if deps.watch is not None and not self._echo else None
        self.hearing = JoinedHearing(record, deps.hearing) if deps.hearing is not None else None
        record.on_spoken_into = self._tag

    def leg_id(self, stage: int) -> str:
        return LEG_PREFIX + self._suffix(stage)

    def bridge_id(self, stage: int) -> str:
        return BRIDGE_PREFIX + self._suffix(stage)

    def _suffix(self, stage: int) -> str:
        return self._record.facts.call_id + (f"-{stage}" if stage > 1 else "")

    def line(self, stage: int) -> MediaLine | None:
        return self._lines.get(stage)

    # The caller's channel

    async def answer(self) -> None:
        done = await self._ari(self._deps.ari.answer(self._channel))
        if isinstance(done, Gone | AriError):
            self._post(AnswerFailed(f"answer: {_why(done)}", gone=isinstance(done, Gone) and done.status == 404))
        else:
            self._post(Answered())

    async def hangup(self) -> None:
        await self._ari(self._deps.ari.hangup(self._channel))

    async def join(self, stage: int) -> None:
        done = await self._ari(self._deps.ari.add_to_bridge(self.bridge_id(stage), self._channel, self.leg_id(stage)))
        if isinstance(done, Gone | AriError):
            self._post(JoinFailed(stage, f"bridge: {_why(done)}"))
            return
        self._post(Joined(stage))
        await self._recording.joined()

    async def brief(self, queue: str, reason: str) -> None:
        """Store the card and set its id; without the id the caller goes all the same."""
        card_id = self._record.card(queue, reason)
        self._wanted = queue
        try:
            async with asyncio.timeout(CARD_S):
                done = await asyncio.gather(
                    self._deps.ami.setvar(self._name, "__PATCHCORD_CARD", card_id),
                    self._deps.ami.setvar(self._name, "__PATCHCORD_UUI", card_id.encode().hex()),
                    self._deps.ami.setvar(self._name, "PATCHCORD_URL", self._deps.card_url(card_id)),
                    self._deps.ami.setvar(self._name, "PATCHCORD_ROUTE", self._record.facts.route),
                    # For callers who go into the queue themselves; a placeholder has its own.
                    *([self._deps.ami.setvar(self._name, "QUEUE_PRIO", str(priority))] if (priority := self._record.priority) else []),
                )
        except (AmiError, TimeoutError) as error:
            self._record.note("card_not_sent", error=str(error) or "no answer from AMI")
            return
        self._record.note("handover" if all(done) else "card_not_sent", queue=queue, reason=reason, card_id=card_id)

    async def leave(self, target: Leave) -> None:
        """On in the dialplan. No heartbeat may come after the dialplan has switched the dead-man timer off."""
        if self._beat is not None:
            await asyncio.wait((self._beat,), timeout=CARD_S)
        # So that we hear of the caller's hang-up in the queue; failing that, they are looked for.
        await self._ari(self._deps.ari.subscribe_channel(self._deps.app, self._channel))
        context, extension = await self._destination(target)
        done = await self._ari(self._deps.ari.continue_in_dialplan(self._channel, context, extension))
        if isinstance(done, Gone | AriError):
            log.warning("call_leave_failed", extra={"call_id": self._record.facts.call_id, "error": _why(done)})
            # 404 is said of a channel that is no more, also while Asterisk still lists it.
            no_more = isinstance(done, Gone) and done.status == 404
            self._post(CallerGone() if no_more else LeaveFailed(gone=isinstance(done, Gone)))
        else:
            self._post(LeaveAccepted())

    async def _destination(self, target: Leave) -> tuple[str, str]:
        """Context and extension. What cannot be told to the channel leaves the caller to the queue."""
        try:
            async with asyncio.timeout(CARD_S):
                if target.peer and await self._deps.ami.setvar(self._name, "PATCHCORD_PEER", target.peer):
                    return "patchcord-joined", "s"
                if target.position is not None:
                    await self._deps.ami.setvar(self._name, "PATCHCORD_POSITION", str(target.position))
        except (AmiError, TimeoutError) as error:
            log.warning("call_variable_not_set", extra={"call_id": self._record.facts.call_id, "error": str(error) or "no answer"})
        if target.phone:
            return "patchcord-phones", target.phone
        if target.worker:
            return "patchcord-agent", "next"
        return ("patchcord-queue", target.queue) if target.queue else ("patchcord-fallback", "s")

    async def locate(self, stage: int) -> None:
        found = await self._ari(self._deps.ari.get_channel(self._channel))
        if isinstance(found, Gone):
            self._post(Located(Where.GONE, stage))
        elif not isinstance(found, AriError):
            self._post(Located(where_of(found, self._deps.app), stage))

    def beat(self) -> None:
        """Re-arm the dead-man timer; skipped while the last beat is unanswered."""
        if self._beat is None or self._beat.done():
            self._beat = asyncio.create_task(self._set_timer(f"{self._deps.deadman_s:g}"))

    async def disarm(self) -> None:
        await self._set_timer("0")
        # They left unasked, so nothing else tells us of their hang-up in the queue.
        await self._ari(self._deps.ari.subscribe_channel(self._deps.app, self._channel))

    async def _set_timer(self, value: str) -> None:
        try:
            await self._deps.ami.setvar(self._name, "TIMEOUT(absolute)", value)
        except AmiError as error:
            log.warning("heartbeat_failed", extra={"call_id": self._record.facts.call_id, "error": str(error)})

    # What a call owns

    def take(self, resource: Resource) -> None:
        self._takes[resource] = asyncio.create_task(self._take(resource), name=f"take-{resource.kind}")

    async def _take(self, resource: Resource) -> None:
        try:
            await {
                Kind.LINE: self._open_line,
                Kind.LEG: self._make_leg,
                Kind.BRIDGE: self._make_bridge,
                Kind.CONVERSATION: self._talk,
                Kind.TRANSFER: self._transfer,
            }[resource.kind](resource.stage)
        except (AriError, MediaError, _GoneError) as error:
            await self._drop(resource)
            self._post(Refused(resource, f"{resource.kind}: {error}"))
        except Exception as error:  # user code makes conversations; no fault of it may cost the caller
            log.exception("call_take_failed", extra={"call_id": self._record.facts.call_id, "resource": resource.kind})
            await self._drop(resource)
            self._post(Refused(resource, f"{resource.kind}: {error!r}"))
        else:
            self._post(Taken(resource))

    async def _drop(self, resource: Resource) -> None:
        """A time limit says nothing of whether the thing was made: remove it by its name."""
        if resource.kind is Kind.LEG:
            await self._ari(self._deps.ari.hangup(self.leg_id(resource.stage)))
        elif resource.kind is Kind.BRIDGE:
            await self._ari(self._deps.ari.destroy_bridge(self.bridge_id(resource.stage)))

    async def _open_line(self, stage: int) -> None:
        if self.hearing is not None:
            await self.hearing.close()
        self._law = await self._native_law()
        link = self._deps.media()
        if link is None:
            raise _GoneError("the media process is not connected")
        self._lines[stage] = await link.open(self._suffix(stage), law=self._law, mode="echo" if self._echo else "agent")
        self._tag(self._record.spoken_into)

    def _tag(self, spoken_into: bool) -> None:
        """Lines of this shell carry the caller and nobody else, but for a supervisor who speaks into the call."""
        for line in self._lines.values():
            line.caller_alone = not spoken_into

    async def _native_law(self) -> Law:
        """The caller's own, so that Asterisk has nothing to convert."""
        formats = await self._ari(self._deps.ari.get_variable(self._channel, "CHANNEL(audionativeformat)"))
        if not isinstance(formats, str):
            return "ulaw"
        ulaw, alaw = formats.find("ulaw"), formats.find("alaw")
        return "alaw" if alaw >= 0 and (ulaw < 0 or alaw < ulaw) else "ulaw"

    async def _make_leg(self, stage: int) -> None:
        line = self._lines[stage]
        leg_id, address = self.leg_id(stage), f"{self._deps.media_host}:{line.port}"
        leg = await self._deps.ari.external_media(self._deps.app, leg_id, address, self._law, f"media,{self._record.facts.call_id}")
        if isinstance(leg, Gone):
            raise _GoneError(leg.reason)
        await line.attach(leg.host, leg.port)

    async def _make_bridge(self, stage: int) -> None:
        bridge = await self._deps.ari.create_bridge(self.bridge_id(stage), self._deps.app)
        if isinstance(bridge, Gone):
            raise _GoneError(bridge.reason)

    async def _talk(self, stage: int) -> None:
        resume = await self._resume()
        asked = self._asked_first(stage) if resume is None else None
        self.talk = talk = asked or self._agent(stage, resume)
        if self._watch is not None:
            self._watch.connect(talk.transfer)
        self._talks[stage] = asyncio.create_task(self._converse(stage, talk.run()), name=f"talk-{self._record.facts.call_id}")

    def _agent(self, stage: int, resume: Resume | None) -> Conversation:
        facts = self._record.facts
        return self._deps.conversations(
            agent=facts.route,
            number=facts.number,
            caller=facts.caller,
            call_id=facts.call_id,
            line=self._lines[stage],
            sink=self._sink,
            resume=resume,
            watch=self._watch,
            language=facts.options.language,
        )

    def _asked_first(self, stage: int) -> Conversation | None:
        """None where nothing has to be asked. Who comes back from somewhere was asked before, or wanted something else at once."""
        questions, facts = self._deps.recording_questions, self._record.facts
        if questions is None or self._record.recording_awaits != "answer":
            return None
        try:
            question = questions.recording_question(
                agent=facts.route,
                number=facts.number,
                caller=facts.caller,
                call_id=facts.call_id,
                line=self._lines[stage],
                sink=self._record,
                language=facts.options.language,
            )
        except Exception as error:  # an agent of the admin's own may be broken: then nothing is recorded, and the caller has their agent
            log.exception("recording_question_failed", extra={"call_id": facts.call_id})
            self._record.note("recording_not_asked", error=repr(error)[:200])
            return None

        def following(unanswered: Sequence[Unanswered]) -> Conversation:
            return self._agent(stage, Resume(list(self._record.turns), {}, anew=True, unanswered=unanswered))

        return AskedFirst(question, following, self._record)

    @property
    def _sink(self) -> Sink:
        return self._watch.sink if self._watch is not None else self._record

    async def _converse(self, stage: int, run: Coroutine[Any, Any, Outcome]) -> None:
        try:
            outcome = await run
        except Exception:
            log.exception("conversation_crashed", extra={"call_id": self._record.facts.call_id})
            outcome = Outcome("failed", "pipeline_error")
        self._post(ConversationEnded(stage, outcome))

    async def _transfer(self, stage: int) -> None:
        deps = self._deps.transfer
        if deps is None:
            raise _GoneError("transfers with company are switched off")
        self._serial += 1
        queue = await self._queue_with_place(self._wanted)
        run = TransferRun(
            self._record,
            deps,
            line=self._lines[stage],
            bridge_id=self.bridge_id(stage),
            queue=queue,
            serial=self._serial,
            unanswered=self.talk.unanswered() if self.talk is not None else (),
            take=lambda peer: self._post(PersonReady(stage, peer)),
        )
        self._transfers[stage] = (run, asyncio.create_task(self._find_person(stage, run), name=f"transfer-{self._record.facts.call_id}"))

    async def _queue_with_place(self, queue: str) -> str:
        """``queue`` when the dialplan keeps places in it, as it stands now: routes come and go while we run. Else the default queue."""
        if queue == self._deps.default_queue or not _QUEUE.fullmatch(queue):
            return self._deps.default_queue
        known = await self._ari(self._deps.ari.get_variable(self._channel, f"DIALPLAN_EXISTS(patchcord-place,{queue},1)"))
        if known == "1":
            return queue
        if isinstance(known, str):
            self._record.note("queue_unknown", queue=queue)
        return self._deps.default_queue

    async def _find_person(self, stage: int, run: TransferRun) -> None:
        result = await run.run()
        if result.kind == "joined":
            self.person_faces = run.place(run.machine.attempt).queue_channel
            self._record.note("with_person", member=result.member, queue=result.queue)
            self.person_joined()
        self._record.note("transfer_ended", kind=result.kind, detail=result.detail, member=result.member)
        self._post(TransferEnded(stage, result))

    def person_joined(self) -> None:
        """Whoever comes back from a person is judged by words alone: that their voice would be judged was said of the talk before."""
        if self._watch is not None:
            self._watch.stop_voice()
        if self.hearing is not None:
            self.hearing.start()

    def transfers(self) -> list[TransferRun]:
        """Those under way."""
        return [run for run, task in self._transfers.values() if not task.done()]

    async def _end_transfer(self, stage: int, reason: str) -> None:
        # It is asked for what happens to its channels until it has ended.
        if (found := self._transfers.get(stage)) is not None:
            await found[0].end(reason, found[1])
            if self._transfers.get(stage) is found:
                del self._transfers[stage]

    async def release(self, resource: Resource, reason: str) -> None:
        taking = self._takes.pop(resource, None)
        if taking is not None:
            await asyncio.wait((taking,))
        try:
            if resource.kind is Kind.LINE:
                await self._close_line(resource.stage, reason)
            elif resource.kind is Kind.CONVERSATION:
                await self._end_talk(resource.stage)
            elif resource.kind is Kind.TRANSFER:
                await self._end_transfer(resource.stage, reason)
            else:
                await self._drop(resource)
        finally:
            self._post(Released(resource))

    async def _close_line(self, stage: int, reason: str) -> None:
        line = self._lines.pop(stage, None)
        if line is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_S):
                self._record.statistics.update(await line.close(reason))
        except (MediaError, TimeoutError) as error:
            log.warning("line_close_failed", extra={"call_id": self._record.facts.call_id, "error": str(error) or "no answer"})

    async def _end_talk(self, stage: int) -> None:
        talk = self._talks.pop(stage, None)
        if talk is None:
            return
        done, _ = await asyncio.wait((talk,), timeout=_WIND_UP_S)
        if not done:
            log.warning("conversation_cancelled", extra={"call_id": self._record.facts.call_id})
            talk.cancel()
            await asyncio.wait((talk,))

    async def abandon(self) -> None:
        """After a fault of ours, or when told to stop at once: the caller goes on, everything is given back."""
        transfers = [task for _, task in self._transfers.values()]
        talks = [task for task in (*self._takes.values(), *self._talks.values(), *transfers) if not task.done()]
        for task in talks:
            task.cancel()
        await self._ari(self._deps.ari.continue_in_dialplan(self._channel, "patchcord-fallback", "s"))
        if talks:
            await asyncio.wait(talks)
        stages = {resource.stage for resource in self._takes} | set(self._lines)
        for stage in stages:
            for kind in (Kind.LEG, Kind.BRIDGE):
                await self._drop(Resource(kind, stage))
            await self._close_line(stage, "shutdown")

    async def settle(self) -> None:
        """Wait for the last heartbeat and the like, so that no task outlives the call."""
        if self._watch is not None:
            self._watch.close()
        if self.hearing is not None:
            await self.hearing.close()
        left: set[asyncio.Task[Any]] = {task for task in (self._beat, *self._recording.tasks) if task is not None and not task.done()}
        if left:
            _, late = await asyncio.wait(left, timeout=CARD_S)
            for task in late:
                task.cancel()
                await asyncio.wait((task,))

    async def _ari(self, call: Awaitable[_T]) -> _T | AriError:
        try:
            return await call
        except AriError as error:
            if not isinstance(error, AriUnavailable):
                log.warning("ari_refused", extra={"call_id": self._record.facts.call_id, "error": str(error)})
            return error


class _GoneError(Exception):
    """The caller or the media process went while something was being taken."""


def _why(answer: Gone | AriError) -> str:
    return answer.reason if isinstance(answer, Gone) else str(answer)
