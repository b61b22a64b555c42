"""Looks at the audio of every call four times a second, and does what its watchdog says. Also notices when it comes late itself."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError
from ari_app.calls.actor import CallActor
from ari_app.calls.audio_watch import AudioAction, AudioWatch, EndCall, PassOn, Rebuild, Seen
from ari_app.calls.conversations import Watchable
from ari_app.calls.inflow import AskPackets, Back, Cause, InflowLimits, Lost
from ari_app.calls.media_port import MediaLink
from ari_app.calls.metrics import CallMetrics
from ari_app.calls.overload import EVERY_S, Overload
from ari_app.calls.steps import AudioBroken, SendOn, State

log = logging.getLogger(__name__)

SILENT: Final = "caller_silent"
"""Reason of a call that the agent ends since nothing comes from the caller any more."""
_SHOWN: Final = {
    Cause.HOLD: "the caller holds the call",
    Cause.LEG: "the agent does not hear the caller",
    Cause.NEVER: "nothing heard from the caller since the answer",
    Cause.STOPPED: "nothing comes from the caller's telephone",
}
"""What supervisors see; a telephone that suppresses silence is nothing to look at."""


class AudioRounds:
    """``run`` until cancelled. ``overload`` says whether this process is late."""

    def __init__(
        self,
        actors: Callable[[], Sequence[CallActor]],
        link: Callable[[], MediaLink | None],
        ari: AriClient,
        metrics: CallMetrics,
        limits: InflowLimits,
        overload: Overload,
    ) -> None:
        self._actors = actors
        self._link = link
        self._ari = ari
        self._metrics = metrics
        self._limits = limits
        self.overload = overload
        self._watches: dict[CallActor, AudioWatch] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        due = time.monotonic()
        try:
            while True:
                now = time.monotonic()
                self._mind_load(now - due, now)
                for actor in self._actors():
                    self._look(actor, now)
                live = set(self._actors())
                self._watches = {actor: watch for actor, watch in self._watches.items() if actor in live}
                due = max(due + EVERY_S, time.monotonic())
                await asyncio.sleep(due - time.monotonic())
        finally:
            for task in self._asking:
                task.cancel()

    def _mind_load(self, lag_s: float, now: float) -> None:
        link, before = self._link(), self.overload.active
        active = self.overload.step(lag_s, link.late_s if link is not None else 0.0, now)
        self._metrics.lag.set(max(0.0, lag_s))
        self._metrics.overloaded.set(active)
        if active is not before:
            log.warning("overloaded" if active else "overload_over", extra={"lag_ms": round(lag_s * 1000)})

    def _look(self, actor: CallActor, now: float) -> None:
        stage = actor.machine.stage
        line = actor.shell.line(stage)
        if line is None or actor.echo or actor.state not in (State.TALKING, State.TRANSFERRING):
            return
        if any(run.caller_away for run in actor.transfers()):
            self._watches.pop(actor, None)  # a person hears them, not our leg; whoever comes back is judged anew
            return
        talking = actor.state is State.TALKING
        watch = self._watch(actor)
        if not talking:
            watch.inflow.sign_of_life(now)  # who waits for a person need not say a word
        talk = _watchable(actor)
        mind = talk.uptake if talk is not None else (False, 0)
        seen = Seen(stage, line.pulse, line.stalled, talking and actor.talk is not None, line.uptake, mind)
        self._do(actor, watch.step(seen, now))

    def _watch(self, actor: CallActor) -> AudioWatch:
        return self._watches.setdefault(actor, AudioWatch(self._limits))

    # What Asterisk tells

    def held(self, actor: CallActor, on: bool) -> None:
        """The caller holds the call (re-INVITE), or takes it back."""
        if not actor.echo:
            self._do(actor, self._watch(actor).held(on, time.monotonic()))
            if (talk := _watchable(actor)) is not None:
                talk.held(on)

    def keyed(self, actor: CallActor) -> None:
        """The caller is there, whatever their audio does."""
        self._watch(actor).inflow.sign_of_life(time.monotonic())

    async def _ask(self, actor: CallActor) -> None:
        stage = actor.machine.stage
        try:
            count = await self._ari.packets_received(actor.record.facts.channel_id)
        except AriError as error:
            log.warning("packets_not_counted", extra={"call_id": actor.record.facts.call_id, "error": str(error)})
            return
        if isinstance(count, int) and actor in self._watches:
            self._do(actor, self._watches[actor].packets(count, stage, time.monotonic()))

    # What follows

    def _do(self, actor: CallActor, actions: Sequence[AudioAction]) -> None:
        record = actor.record
        for action in actions:
            match action:
                case Lost(cause):
                    self._metrics.audio.labels(f"not_heard_{cause}").inc()
                    record.note("caller_not_heard", cause=str(cause))
                    record.show_audio(_SHOWN.get(cause, ""))
                case Back(after_s, cause):
                    record.note("caller_heard_again", after_ms=round(after_s * 1000), cause=str(cause))
                    record.show_audio("")
                case AskPackets() if record.facts.channel_name.startswith("PJSIP/"):  # others have no RTP of their own
                    self._spawn_ask(actor)
                case Rebuild(fault):
                    self._metrics.audio.labels(str(fault)).inc()
                    actor.post(AudioBroken(actor.machine.stage, str(fault)))
                case PassOn():
                    actor.post(SendOn("caller_not_heard"))
                case EndCall() if (talk := actor.talk) is not None:
                    record.note(SILENT)
                    talk.end(SILENT)

    def _spawn_ask(self, actor: CallActor) -> None:
        task = asyncio.create_task(self._ask(actor))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)


def _watchable(actor: CallActor) -> Watchable | None:
    """The conversation, when it is one that can be watched."""
    talk: object = actor.talk
    return talk if isinstance(talk, Watchable) else None
