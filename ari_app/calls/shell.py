"""What the machine decides, done at Asterisk and the media process. Nothing here decides; every method ends by itself within seconds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from agents.transcript import Outcome
from ari_app.ami.port import AmiError, AmiPort
from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError, AriUnavailable, Gone
from ari_app.calls.conversations import ConversationFactory, Resume
from ari_app.calls.media_port import Law, MediaLine, MediaLink
from ari_app.calls.record import CallRecord
from ari_app.calls.recording import Recorder
from ari_app.calls.steps import (
    Answered,
    AnswerFailed,
    CallEvent,
    ConversationEnded,
    Joined,
    JoinFailed,
    Kind,
    LeaveAccepted,
    LeaveFailed,
    Located,
    Refused,
    Released,
    Resource,
    Taken,
    Where,
)
from ari_app.media.errors import MediaError

log = logging.getLogger(__name__)

LEG_PREFIX = "patchcord-media-"
BRIDGE_PREFIX = "patchcord-bridge-"
CARD_S = 0.5
"""Longest wait for the card's id to be set on the channel: the caller goes before the card."""
_CLOSE_S = 2.0
_WIND_UP_S = 1.5
"""How long a conversation may take to end by itself after its line has closed."""

_T = TypeVar("_T")

__all__ = ["BRIDGE_PREFIX", "CARD_S", "LEG_PREFIX", "CallShell", "ShellDeps"]


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
        self._beat: asyncio.Task[None] | None = None

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
        if self._deps.recorder is not None:
            await self._deps.recorder.start(self._record)

    async def brief(self, queue: str, reason: str) -> None:
        """Store the card and set its id; without the id the caller goes all the same."""
        card_id = self._record.card(queue, reason)
        try:
            async with asyncio.timeout(CARD_S):
                done = await asyncio.gather(
                    self._deps.ami.setvar(self._name, "__PATCHCORD_CARD", card_id),
                    self._deps.ami.setvar(self._name, "PATCHCORD_ROUTE", self._record.facts.route),
                )
        except (AmiError, TimeoutError) as error:
            self._record.note("card_not_sent", error=str(error) or "no answer from AMI")
            return
        self._record.note("handover" if all(done) else "card_not_sent", queue=queue, reason=reason, card=card_id)

    async def leave(self, queue: str) -> None:
        """On in the dialplan. No heartbeat may come after the dialplan has switched the dead-man timer off."""
        if self._beat is not None:
            await asyncio.wait((self._beat,), timeout=CARD_S)
        # So that we hear of the caller's hang-up in the queue; failing that, they are looked for.
        await self._ari(self._deps.ari.subscribe_channel(self._deps.app, self._channel))
        context, extension = ("patchcord-queue", queue) if queue else ("patchcord-fallback", "s")
        done = await self._ari(self._deps.ari.continue_in_dialplan(self._channel, context, extension))
        if isinstance(done, Gone | AriError):
            log.warning("call_leave_failed", extra={"call_id": self._record.facts.call_id, "error": _why(done)})
            self._post(LeaveFailed(gone=isinstance(done, Gone)))
        else:
            self._post(LeaveAccepted())

    async def locate(self, stage: int) -> None:
        found = await self._ari(self._deps.ari.get_channel(self._channel))
        if isinstance(found, Gone):
            self._post(Located(Where.GONE, stage))
        elif not isinstance(found, AriError):
            self._post(Located(Where.IN_STASIS if found.app == "Stasis" else Where.OUTSIDE, stage))

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
            await {Kind.LINE: self._open_line, Kind.LEG: self._make_leg, Kind.BRIDGE: self._make_bridge, Kind.CONVERSATION: self._talk}[
                resource.kind
            ](resource.stage)
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
        self._law = await self._native_law()
        link = self._deps.media()
        if link is None:
            raise _GoneError("the media process is not connected")
        self._lines[stage] = await link.open(self._suffix(stage), law=self._law, mode="echo" if self._echo else "agent")

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
        facts = self._record.facts
        talk = self._deps.conversations(agent=facts.route, line=self._lines[stage], sink=self._record, resume=resume)
        self._talks[stage] = asyncio.create_task(self._converse(stage, talk.run()), name=f"talk-{facts.call_id}")

    async def _converse(self, stage: int, run: Coroutine[Any, Any, Outcome]) -> None:
        try:
            outcome = await run
        except Exception:
            log.exception("conversation_crashed", extra={"call_id": self._record.facts.call_id})
            outcome = Outcome("failed", "pipeline_error")
        self._post(ConversationEnded(stage, outcome))

    async def release(self, resource: Resource, reason: str) -> None:
        taking = self._takes.pop(resource, None)
        if taking is not None:
            await asyncio.wait((taking,))
        try:
            if resource.kind is Kind.LINE:
                await self._close_line(resource.stage, reason)
            elif resource.kind is Kind.CONVERSATION:
                await self._end_talk(resource.stage)
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
        talks = [task for task in (*self._takes.values(), *self._talks.values()) if not task.done()]
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
        """Wait for the last heartbeat, so that no task outlives the call."""
        if self._beat is not None and not self._beat.done():
            _, late = await asyncio.wait((self._beat,), timeout=CARD_S)
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
