"""Who owns which channel: the way from an id in an event to the call."""

import asyncio

from ari_app.calls.actor import CallActor
from ari_app.calls.joined_hearing import JoinedHearing
from ari_app.calls.reconcile import Owned
from ari_app.calls.shell_names import HEARING_PREFIX, LEG_PREFIX
from ari_app.calls.transfer_names import Place, place_of_line
from ari_app.calls.transfer_run import TransferRun


class Directory:
    def __init__(self) -> None:
        self._callers: dict[str, CallActor] = {}
        self._calls: dict[str, CallActor] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, actor: CallActor) -> None:
        """Start the actor; it is forgotten when it has ended."""
        facts = actor.record.facts
        self._callers[facts.channel_id] = actor
        self._calls[facts.call_id] = actor
        task = asyncio.create_task(actor.run(), name=f"call-{facts.call_id}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(actor, done))

    def _ended(self, actor: CallActor, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        del self._callers[actor.record.facts.channel_id]
        del self._calls[actor.record.facts.call_id]

    def actors(self) -> list[CallActor]:
        """Oldest first."""
        return list(self._callers.values())

    def tasks(self) -> list[asyncio.Task[None]]:
        return list(self._tasks)

    def by_caller(self, channel_id: str) -> CallActor | None:
        return self._callers.get(channel_id)

    def by_call(self, call_id: str) -> CallActor | None:
        return self._calls.get(call_id)

    def by_leg(self, channel_id: str) -> tuple[CallActor, int] | None:
        """The call and the stage that a media leg was made for: its id says so, also before the request that makes it returns."""
        if not channel_id.startswith(LEG_PREFIX):
            return None
        call_id, _, stage = channel_id.removeprefix(LEG_PREFIX).partition("-")
        actor = self._calls.get(call_id)
        return (actor, int(stage or 1)) if actor is not None and (stage.isdigit() or not stage) else None

    def by_place(self, place: Place | None) -> tuple[TransferRun, int] | None:
        """The transfer that keeps a place in a queue, and which attempt of it that is."""
        actor = self._calls.get(place.call_id) if place is not None else None
        if actor is None or place is None:
            return None
        run = next((run for run in actor.transfers() if run.serial == place.serial), None)
        return (run, place.attempt) if run is not None else None

    def by_person_leg(self, channel_id: str) -> tuple[TransferRun, int] | None:
        """The transfer that a media leg for a person was made for."""
        return self.by_place(place_of_line(channel_id.removeprefix(LEG_PREFIX))) if channel_id.startswith(LEG_PREFIX) else None

    def by_hearing(self, channel_id: str) -> JoinedHearing | None:
        """Whoever writes down what a caller says to a person, by its snoop channel or its media leg."""
        name = channel_id.removeprefix(HEARING_PREFIX) if channel_id.startswith(HEARING_PREFIX) else channel_id.removeprefix(LEG_PREFIX)
        actor = self._calls.get(name.removesuffix("-h"))
        hearing = actor.shell.hearing if actor is not None else None
        return hearing if hearing is not None and channel_id in (hearing.snoop_id, hearing.leg.leg_id) else None

    def owned(self) -> Owned:
        actors = self.actors()
        hearings = [actor.shell.hearing for actor in actors if actor.shell.hearing is not None]
        stages = [(actor, stage) for actor in actors for stage in {resource.stage for resource in actor.machine.held}]
        runs = [run.owned() for actor in actors for run in actor.transfers()]
        return Owned(
            callers=frozenset(self._callers),
            legs=frozenset(actor.shell.leg_id(stage) for actor, stage in stages).union(
                *(legs for _, legs, _ in runs), (hearing.leg.leg_id for hearing in hearings)
            ),
            bridges=frozenset(actor.shell.bridge_id(stage) for actor, stage in stages).union(
                *(bridges for _, _, bridges in runs), (hearing.leg.bridge_id for hearing in hearings)
            ),
            places=frozenset(hearing.snoop_id for hearing in hearings).union(*(places for places, _, _ in runs)),
        )
