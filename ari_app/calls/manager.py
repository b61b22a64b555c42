"""All calls: brings Asterisk's events to the right actor, and keeps the things that they share."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.audio import Pcm
from agents.stt.transcriber import Transcriber
from agents.transcript import JsonValue
from ari_app.ami.port import AmiEvent, AmiPort
from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError
from ari_app.ari.events import (
    Channel,
    ChannelDestroyed,
    ChannelDialplan,
    ChannelDtmfReceived,
    ChannelHold,
    ChannelLeftBridge,
    Event,
    StasisEnd,
    StasisStart,
)
from ari_app.ari.stream import AriStream
from ari_app.calls.actor import CallActor
from ari_app.calls.admission import Admission, Load, RtpMeter
from ari_app.calls.audio_rounds import AudioRounds
from ari_app.calls.callback_briefs import CallbackBriefs
from ari_app.calls.conversations import ConversationFactory, TransferTalks
from ari_app.calls.directory import Directory
from ari_app.calls.heartbeat import Heartbeat
from ari_app.calls.held_places import places_for
from ari_app.calls.inflow import InflowLimits
from ari_app.calls.joined_hearing import HearingDeps
from ari_app.calls.live_control import LISTENER_PREFIX, Switchboard
from ari_app.calls.live_feed import LiveFeed
from ari_app.calls.machine import Limits
from ari_app.calls.media_port import ConnectMedia
from ari_app.calls.media_watch import MediaWatch
from ari_app.calls.metrics import CallMetrics
from ari_app.calls.options import NO_OPTIONS, CallOptions
from ari_app.calls.overload import Overload, OverloadLimits
from ari_app.calls.reasons import NO_MEDIA
from ari_app.calls.recall import Recall
from ari_app.calls.reconcile import Strays, find_strays, look, reap
from ari_app.calls.record import CallFacts, CallRecord, RecordingAwaits, call_id_of
from ari_app.calls.recording import Recorder
from ari_app.calls.recording_question import RecordingQuestions
from ari_app.calls.shell import ShellDeps
from ari_app.calls.steps import CallerGone, EnteredElsewhere, Kind, LeftStasis, LegEntered, LegGone, Located, MediaGone, Shutdown, State
from ari_app.calls.transfer_deps import TransferDeps
from ari_app.calls.transfer_line import QueueLine
from ari_app.calls.transfer_names import place_named, place_of_channel
from ari_app.calls.transfer_run import CARD_S
from ari_app.calls.unended import Unended
from ari_app.calls.watch import CallWatch
from ari_app.settings import Settings
from handoff.card import Card, Summary
from handoff.queues import QueueBoard, QueueRules, QueueWatch
from handoff.records.store import CallReader, CallWriter
from handoff.transfer_limits import TransferLimits
from handoff.transfer_steps import PartLost

log = logging.getLogger(__name__)

_SECOND_SIGHT_S = 0.25
_SWEEP_S = 10.0
_METER_S = 2.0
_CLOSE_S = 4.0
_OVERTIME_S = 20.0
WRAP_UP_S = 3
"""As queues.conf has it."""
DEFAULT_ROUTE = "front-desk"
_AWAITED: Mapping[str, RecordingAwaits] = {"none": "", "announced": "notice", "asked": "answer"}
"""By ``calls.record_consent``."""


@dataclass(frozen=True, slots=True)
class ManagerDeps:
    settings: Settings
    ari: AriClient
    ami: AmiPort
    connect_media: ConnectMedia
    writer: CallWriter
    conversations: ConversationFactory
    metrics: CallMetrics
    talks: TransferTalks | None = None
    """None: callers go into the queue without company."""
    recording_questions: RecordingQuestions | None = None
    """None: nobody can be asked, and what waits for a yes is not recorded."""
    feed: LiveFeed | None = None
    """Told what happens in calls, for whoever watches."""
    music: Callable[[], Pcm | None] = lambda: None
    """What a waiting caller hears, once there is something."""
    card_url: Callable[[str], str] = str
    """A card's id to where it can be seen."""
    summarise: Callable[[Card], Awaitable[Summary]] | None = None
    """See TransferDeps."""
    reader: CallReader | None = None
    """Tells what was said before by callers who come back after a restart of ours."""
    watch: Callable[[CallRecord], CallWatch] | None = None
    """Who watches over how callers feel; None: nobody does."""
    recogniser: Callable[[str], Transcriber] | None = None
    """Writes down what callers say to people, by language; None: nobody does."""
    callback_briefs: CallbackBriefs | None = None
    """Of callers who are called back; None: Asterisk could not play them."""
    maintenance: Callable[[], bool] = lambda: False
    """Whether no calls are answered now; asked at each, so that the first one after its end is answered."""
    recordings: Path | None = None
    """Where recordings go when ``calls.record`` is on."""
    workers: int = 1
    """Workers at this Asterisk, this one included."""


class CallManager:
    """``run`` serves until cancelled; ``drain`` and ``close`` end it politely or at once."""

    def __init__(self, deps: ManagerDeps) -> None:
        self._deps = deps
        self._settings = settings = deps.settings
        self._app = settings.asterisk.app
        self._directory = Directory()
        self._media = MediaWatch(deps.connect_media, self._media_lost)
        self._meter = RtpMeter(deps.workers)
        self._admission = Admission(settings.calls.max_calls, settings.sip.rtp_first, settings.sip.rtp_last)
        self._overload = Overload(OverloadLimits.of(settings.calls.shed_lag_ms, settings.calls.shed_gap_ms))
        self._audio = AudioRounds(
            self._directory.actors,
            lambda: self._media.link,
            deps.ari,
            deps.metrics,
            InflowLimits(settings.calls.not_heard_s, settings.calls.silent_s),
            self._overload,
        )
        self._draining = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._stream = AriStream(
            deps.ari, self._app, on_event=self._on_event, on_connected=self._on_connected, on_disconnected=self._on_disconnected
        )
        recorder = Recorder(deps.ami, deps.recordings) if settings.calls.record and deps.recordings is not None else None
        self.switchboard = Switchboard(deps.ari, deps.ami, recorder, self._directory.by_call, self._app)
        self._queues = QueueBoard(default=QueueRules(wrap_up_s=WRAP_UP_S), call_of=lambda channel: call_id_of(deps.ari.base_url, channel))
        self.queue_line = QueueLine(self._queues)
        self._queue_watch = QueueWatch(deps.ami, self._queues, self._line_changed)
        for name in ("QueueCallerJoin", "AgentCalled", "AgentRingNoAnswer", "AgentConnect", "UserEvent"):
            deps.ami.on_event(name, self._on_queue_event)
        self._held = places_for(settings, deps.ari, deps.ami, deps.writer, deps.reader, deps.callback_briefs)
        self._shell_deps = ShellDeps(
            app=self._app,
            ari=deps.ari,
            ami=deps.ami,
            media=lambda: self._media.link,
            media_host=settings.media.host,
            conversations=deps.conversations,
            recorder=recorder,
            recording_awaits=_AWAITED[settings.calls.record_consent],
            recording_questions=deps.recording_questions,
            deadman_s=settings.calls.deadman_s,
            transfer=self._transfer_deps(deps.talks) if deps.talks is not None and settings.transfer.mode != "blind" else None,
            card_url=deps.card_url,
            default_queue=settings.calls.queue,
            watch=deps.watch,
            hearing=self._hearing_deps(),
            held=self._held,
        )

    def _hearing_deps(self) -> HearingDeps | None:
        if self._deps.recogniser is None:
            return None
        return HearingDeps(self._app, self._deps.ari, lambda: self._media.link, self._settings.media.host, self._deps.recogniser)

    def _transfer_deps(self, talks: TransferTalks) -> TransferDeps:
        settings, transfer = self._settings, self._settings.transfer
        limits = TransferLimits(
            card_s=CARD_S,
            wait_s=transfer.wait_s,
            accept_s=transfer.accept_timeout_s,
            max_declines=transfer.most_declines,
            offer_callback_s=transfer.offer_callback_s,
            on_fail=transfer.on_fail,
            other_queue=transfer.other_queue,
        )
        return TransferDeps(
            app=self._app,
            ari=self._deps.ari,
            ami=self._deps.ami,
            media=lambda: self._media.link,
            media_host=settings.media.host,
            talks=talks,
            line=self.queue_line,
            mode=transfer.mode,
            limits=limits,
            music=self._deps.music,
            card_url=self._deps.card_url,
            summarise=self._deps.summarise,
        )

    # Life

    async def run(self) -> None:
        """Raises ApplicationTaken when another process takes our Stasis application."""
        heartbeat = Heartbeat(self._directory.actors, self._settings.calls.heartbeat_s)
        async with asyncio.TaskGroup() as group:
            for work in (
                self._stream.run(),
                self._media.run(),
                heartbeat.run(),
                self._queue_watch.run(),
                self._measure(),
                self._audio.run(),
                self._sweep(),
                self._end_earlier_calls(),
                *([self._held.run()] if self._held is not None else []),
            ):
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
            "transfers": held[Kind.TRANSFER],
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
            case ChannelDialplan(channel) if channel.stasis not in ("", self._app):
                if (actor := self._directory.by_caller(channel.id)) is not None:
                    actor.post(EnteredElsewhere())
            case ChannelDestroyed(channel):
                self._destroyed(channel)
            case ChannelLeftBridge(channel):
                self._leg_lost(channel)
            case ChannelHold(channel, on):
                if (actor := self._directory.by_caller(channel.id)) is not None:
                    self._audio.held(actor, on)
            case ChannelDtmfReceived(channel, digit):
                if (actor := self._directory.by_caller(channel.id)) is not None:
                    self._audio.keyed(actor)
                    actor.digit(digit)
                elif (found := self._directory.by_place(place_of_channel(channel.id))) is not None:
                    found[0].people.digit(found[1], digit)

    def _on_queue_event(self, event: AmiEvent) -> None:
        """Of a placeholder: AMI tells them by the id of the channel, the dialplan by the place."""
        name = event.get("Place")
        place = place_named(name) if name is not None else place_of_channel(event.get("Uniqueid", ""))
        if (found := self._directory.by_place(place)) is not None:
            found[0].queue_event(found[1], event)
        elif (actor := self._directory.by_caller(event.get("Uniqueid", ""))) is not None:
            actor.queue_event(event)

    def _line_changed(self) -> None:
        for actor in self._directory.actors():
            for run in actor.transfers():
                run.line_changed()

    def _entered(self, channel: Channel, args: tuple[str, ...]) -> None:
        match args:
            case ("media", *_):
                if (leg := self._directory.by_leg(channel.id)) is not None:
                    leg[0].post(LegEntered(leg[1]))
                elif (person := self._directory.by_person_leg(channel.id)) is not None:
                    person[0].people.leg_entered(person[1])
                elif (hearing := self._directory.by_hearing(channel.id)) is not None:
                    hearing.entered(channel.id)
                else:
                    self._spawn(self._reap(Strays(legs=frozenset({channel.id}))))
            case ("hear", *_):
                if (hearing := self._directory.by_hearing(channel.id)) is not None:
                    hearing.entered(channel.id)
                else:
                    self._spawn(self._reap(Strays(places=frozenset({channel.id}))))
            case ("person", place, *_):
                if (found := self._directory.by_place(place_named(place))) is not None:
                    found[0].person_entered(found[1], channel.name)
                else:
                    self._spawn(self._reap(Strays(places=frozenset({channel.id}))))
            case ("call", route, *more):
                number, options = (*more, "", "")[:2]
                self._arrive(channel, route, number or channel.dialled, None, CallOptions.parse(options))
            case ("returned", route, _card, queue_status, *rest):
                number, options = (*rest, "", "")[:2]
                self._arrive(channel, route or DEFAULT_ROUTE, number or channel.dialled, queue_status, CallOptions.parse(options))
            case _:
                log.warning("unknown_arrival", extra={"channel": channel.id, "arguments": len(args)})
                self._spawn(self._reap(Strays(callers=frozenset({channel.id}))))

    def _arrive(self, channel: Channel, route: str, number: str, queue_status: str | None, options: CallOptions = NO_OPTIONS) -> None:
        refused = self._admission.refusal(self._load(number))
        actor = self._directory.by_caller(channel.id)
        if actor is None:
            actor = self._new_actor(channel, route, number, came_back=queue_status is not None, options=options)
        if refused:
            self._deps.metrics.refused.labels(refused).inc()
        else:
            self._meter.admitted()
        actor.arrive(refused, queue_status)

    def _new_actor(self, channel: Channel, route: str, number: str, *, came_back: bool, options: CallOptions) -> CallActor:
        call_id = call_id_of(self._deps.ari.base_url, channel.id)
        facts = CallFacts(call_id, channel.id, channel.name, route, number, channel.caller_number, options)
        record = CallRecord(facts, self._deps.writer, self._deps.feed)
        record.on_gap = lambda ms: self._overload.gap(ms, time.monotonic())
        record.begin()
        if options.variant:
            record.note("variant", name=options.variant)
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
        elif (found := self._directory.by_place(place_of_channel(channel.id))) is not None:
            if channel.id == found[0].place(found[1]).member_channel:
                found[0].person_left(found[1])
        else:
            self._leg_lost(channel)

    def _destroyed(self, channel: Channel) -> None:
        if (actor := self._directory.by_caller(channel.id)) is not None:
            actor.post(CallerGone())
        elif channel.id.startswith(LISTENER_PREFIX):
            for each in self._directory.actors():
                each.record.left(channel.id)
        elif (found := self._directory.by_place(place_of_channel(channel.id))) is not None:
            if channel.id == found[0].place(found[1]).member_channel:
                found[0].channel_gone(found[1])
        else:
            self._leg_lost(channel)

    def _leg_lost(self, channel: Channel) -> None:
        """A leg out of its bridge is as bad as none: nobody hears anybody."""
        if (leg := self._directory.by_leg(channel.id)) is not None:
            leg[0].post(LegGone(leg[1]))
        elif (person := self._directory.by_person_leg(channel.id)) is not None:
            person[0].people.leg_gone(person[1])

    # What goes on beside the calls

    def _load(self, number: str = "") -> Load:
        """``number``: what the call that asks to be served has dialled."""
        served = [actor.record.facts.number for actor in self._directory.actors() if actor.with_agent]
        settings = self._settings.numbers.get(number)
        return Load(
            len(served),
            self._meter.pairs,
            self._media.link is not None,
            self._deps.ami.connected,
            self._draining,
            served.count(number),
            settings.max_calls if settings else None,
            maintenance=self._deps.maintenance(),
            overloaded=self._overload.active,
        )

    def _media_lost(self) -> None:
        for actor in self._directory.actors():
            actor.post(MediaGone())

    def _on_connected(self) -> None:
        self._spawn(self._reconcile())

    def _on_disconnected(self) -> None:
        """No event tells of answers and hang-ups any more."""
        for actor in self._directory.actors():
            for run in actor.transfers():
                run.post(PartLost("ari"))

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
