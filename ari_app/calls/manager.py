"""All calls: brings Asterisk's events to the right actor, and keeps the things that they share."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.transcript import JsonValue
from ari_app.ami.port import AmiPort
from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError
from ari_app.ari.events import (
    Channel,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelLeftBridge,
    Event,
    StasisEnd,
    StasisStart,
)
from ari_app.ari.stream import AriStream
from ari_app.calls.actor import CallActor
from ari_app.calls.admission import Admission, Load, RtpMeter
from ari_app.calls.conversations import ConversationFactory
from ari_app.calls.directory import Directory
from ari_app.calls.heartbeat import Heartbeat
from ari_app.calls.machine import Limits
from ari_app.calls.media_port import ConnectMedia
from ari_app.calls.media_watch import MediaWatch
from ari_app.calls.metrics import CallMetrics
from ari_app.calls.reasons import NO_MEDIA
from ari_app.calls.recall import Recall
from ari_app.calls.reconcile import Strays, find_strays, look, reap
from ari_app.calls.record import CallFacts, CallRecord, call_id_of
from ari_app.calls.recording import Recorder
from ari_app.calls.shell import ShellDeps
from ari_app.calls.steps import CallerGone, Kind, LeftStasis, LegEntered, LegGone, Located, MediaGone, Shutdown, State
from ari_app.calls.unended import Unended
from ari_app.settings import Settings
from handoff.records.store import CallReader, CallWriter

log = logging.getLogger(__name__)

_SECOND_SIGHT_S = 0.25
_SWEEP_S = 10.0
_METER_S = 2.0
_CLOSE_S = 4.0
_OVERTIME_S = 20.0
_DEFAULT_ROUTE = "front-desk"


@dataclass(frozen=True, slots=True)
class ManagerDeps:
    settings: Settings
    ari: AriClient
    ami: AmiPort
    connect_media: ConnectMedia
    writer: CallWriter
    conversations: ConversationFactory
    metrics: CallMetrics
    reader: CallReader | None = None
    """Tells what was said before by callers who come back after a restart of ours."""
    recordings: Path | None = None
    """Where recordings go when ``calls.record`` is on."""


class CallManager:
    """``run`` serves until cancelled; ``drain`` and ``close`` end it politely or at once."""

    def __init__(self, deps: ManagerDeps) -> None:
        self._deps = deps
        self._settings = settings = deps.settings
        self._app = settings.asterisk.app
        self._directory = Directory()
        self._media = MediaWatch(deps.connect_media, self._media_lost)
        self._meter = RtpMeter()
        self._admission = Admission(settings.calls.max_calls, settings.sip.rtp_first, settings.sip.rtp_last)
        self._draining = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._stream = AriStream(
            deps.ari, self._app, on_event=self._on_event, on_connected=self._on_connected, on_disconnected=lambda: None
        )
        recorder = Recorder(deps.ami, deps.recordings) if settings.calls.record and deps.recordings is not None else None
        self._shell_deps = ShellDeps(
            app=self._app,
            ari=deps.ari,
            ami=deps.ami,
            media=lambda: self._media.link,
            media_host=settings.media.host,
            conversations=deps.conversations,
            recorder=recorder,
            deadman_s=settings.calls.deadman_s,
        )

    # Life

    async def run(self) -> None:
        """Raises ApplicationTaken when another process takes our Stasis application."""
        heartbeat = Heartbeat(self._directory.actors, self._settings.calls.heartbeat_s)
        async with asyncio.TaskGroup() as group:
            for work in (self._stream.run(), self._media.run(), heartbeat.run(), self._measure(), self._sweep(), self._end_earlier_calls()):
                group.create_task(work)

    async def drain(self) -> None:
        """Take no new calls; return when the live ones are finished."""
        self._draining = True
        while any(actor.served for actor in self._directory.actors()):  # noqa: ASYNC110 - the states of many calls, watched for seconds
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Send every caller on to the queue and give everything back; to be called while ``run`` still runs."""
        self._draining = True
        for actor in self._directory.actors():
            actor.post(Shutdown())
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self.drain()
        except TimeoutError:
            log.error("close_incomplete", extra={"served": self._load().served})
        await self._cancel_all()
        await self._media.close()

    async def _cancel_all(self) -> None:
        tasks = [*self._directory.tasks(), *self._tasks]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    # What others may know

    def not_ready(self) -> list[str]:
        """Reasons why calls go to the queue now; empty when they are answered."""
        reasons = {
            "no event stream from Asterisk": self._stream.connected,
            "no manager interface (AMI) of Asterisk": self._deps.ami.connected,
            NO_MEDIA: self._media.link is not None,
            "draining: no new calls are taken": not self._draining,
        }
        return [reason for reason, good in reasons.items() if not good]

    def status(self) -> dict[str, JsonValue]:
        """Calls by state, and what they own: all zero when nobody is here."""
        actors = list(self._directory.actors())
        held = Counter(resource.kind for actor in actors for resource in actor.machine.held)
        return {
            "calls": dict(Counter(str(actor.state) for actor in actors)),
            "channels": len(actors) + held[Kind.LEG],
            "bridges": held[Kind.BRIDGE],
            "media_ports": held[Kind.LINE],
            "conversations": held[Kind.CONVERSATION],
            "tasks": len(self._directory.tasks()) + len(self._tasks),
            "admission": self._admission.describe(self._load()),
            "draining": self._draining,
        }

    def live(self, lines: int = 4) -> dict[str, JsonValue]:
        """Live calls with their last transcript lines, oldest first."""
        return {"calls": [actor.live(lines) for actor in self._directory.actors()]}

    # Events of Asterisk

    def _on_event(self, event: Event) -> None:
        match event:
            case StasisStart(channel, args):
                self._entered(channel, args)
            case StasisEnd(channel):
                self._left(channel)
            case ChannelDestroyed(channel):
                self._destroyed(channel)
            case ChannelLeftBridge(channel):
                self._leg_lost(channel)
            case ChannelDtmfReceived(channel, digit):
                if (actor := self._directory.by_caller(channel.id)) is not None:
                    actor.digit(digit)

    def _entered(self, channel: Channel, args: tuple[str, ...]) -> None:
        match args:
            case ("media", *_):
                if (leg := self._directory.by_leg(channel.id)) is not None:
                    leg[0].post(LegEntered(leg[1]))
                else:
                    self._spawn(self._reap(Strays(legs=frozenset({channel.id}))))
            case ("call", route, *number):
                self._arrive(channel, route, number[0] if number else channel.dialled, None)
            case ("returned", route, _card, queue_status, *_):
                self._arrive(channel, route or _DEFAULT_ROUTE, channel.dialled, queue_status)
            case _:
                log.warning("unknown_arrival", extra={"channel": channel.id, "arguments": len(args)})
                self._spawn(self._reap(Strays(callers=frozenset({channel.id}))))

    def _arrive(self, channel: Channel, route: str, number: str, queue_status: str | None) -> None:
        refused = self._admission.refusal(self._load())
        actor = self._directory.by_caller(channel.id)
        if actor is None:
            actor = self._new_actor(channel, route, number, came_back=queue_status is not None)
        if refused:
            self._deps.metrics.refused.labels(refused).inc()
        else:
            self._meter.admitted()
        actor.arrive(refused, queue_status)

    def _new_actor(self, channel: Channel, route: str, number: str, *, came_back: bool) -> CallActor:
        call_id = call_id_of(self._deps.ari.base_url, channel.id)
        facts = CallFacts(call_id, channel.id, channel.name, route, number, channel.caller_number)
        record = CallRecord(facts, self._deps.writer)
        self._deps.metrics.calls.labels(route).inc()
        reader = self._deps.reader
        recall = Recall(reader, call_id) if came_back and reader is not None else None
        # A conversation has the limit of the settings and says goodbye by itself; ours is for one that does not.
        limits = Limits(call_s=self._settings.calls.max_call_s + (0 if route == "echo" else _OVERTIME_S))
        actor = CallActor(record, self._shell_deps, self._deps.metrics, queue=self._settings.calls.queue, limits=limits, recall=recall)
        self._directory.add(actor)
        return actor

    def _left(self, channel: Channel) -> None:
        if (actor := self._directory.by_caller(channel.id)) is not None:
            actor.post(LeftStasis())
        else:
            self._leg_lost(channel)

    def _destroyed(self, channel: Channel) -> None:
        if (actor := self._directory.by_caller(channel.id)) is not None:
            actor.post(CallerGone())
        else:
            self._leg_lost(channel)

    def _leg_lost(self, channel: Channel) -> None:
        """A leg out of its bridge is as bad as none: nobody hears anybody."""
        if (leg := self._directory.by_leg(channel.id)) is not None:
            leg[0].post(LegGone(leg[1]))

    # What goes on beside the calls

    def _load(self) -> Load:
        served = sum(actor.served for actor in self._directory.actors())
        return Load(served, self._meter.pairs, self._media.link is not None, self._deps.ami.connected, self._draining)

    def _media_lost(self) -> None:
        for actor in self._directory.actors():
            actor.post(MediaGone())

    def _on_connected(self) -> None:
        self._spawn(self._reconcile())

    async def _reconcile(self) -> None:
        """Tell live calls where their callers are, and give back what nobody owns."""
        asked = [(actor, actor.machine.stage) for actor in self._directory.actors()]
        try:
            view = await look(self._deps.ari, self._app)
            for actor, stage in asked:
                actor.post(Located(view.where(actor.record.facts.channel_id), stage))
            strays = find_strays(view, self._directory.owned())
            if strays:
                await asyncio.sleep(_SECOND_SIGHT_S)
                strays &= find_strays(await look(self._deps.ari, self._app), self._directory.owned())
                await self._reap(strays)
        except AriError as error:
            log.warning("reconcile_failed", extra={"error": str(error)})

    async def _reap(self, strays: Strays) -> None:
        await reap(self._deps.ari, strays, self._deps.metrics)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            if self._stream.connected:
                await self._reconcile()

    async def _end_earlier_calls(self) -> None:
        """Calls of a process that died get their end once their callers are gone."""
        if self._deps.reader is None:
            return
        unended = Unended(self._deps.reader, self._deps.writer)
        try:
            while not await unended.settled(self._live_names):  # noqa: ASYNC110 - in the database and at Asterisk
                await asyncio.sleep(_SWEEP_S)
        except Exception:  # bookkeeping: no fault of it may cost a call
            log.exception("unended_calls_failed")

    async def _live_names(self) -> frozenset[str] | None:
        """Names of all channels; None when Asterisk cannot be asked."""
        if not self._stream.connected:
            return None
        try:
            return frozenset(channel.name for channel in await self._deps.ari.list_channels())
        except AriError as error:
            log.warning("channels_not_listed", extra={"error": str(error)})
            return None

    async def _measure(self) -> None:
        """Count what uses Asterisk's RTP ports, and the calls by state."""
        while True:
            counts = Counter(str(actor.state) for actor in self._directory.actors())
            for state in State:
                self._deps.metrics.live.labels(str(state)).set(counts[str(state)])
            if self._stream.connected:
                try:
                    self._meter.count([channel.technology for channel in await self._deps.ari.list_channels()])
                except AriError as error:
                    log.warning("rtp_ports_not_counted", extra={"error": str(error)})
            await asyncio.sleep(_METER_S)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
