"""Who owns which channel: the way from an id in an event to the call."""

import asyncio

from ari_app.calls.actor import CallActor
from ari_app.calls.reconcile import Owned
from ari_app.calls.shell import LEG_PREFIX


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

    def by_leg(self, channel_id: str) -> tuple[CallActor, int] | None:
        """The call and the stage that a media leg was made for: its id says so, also before the request that makes it returns."""
        if not channel_id.startswith(LEG_PREFIX):
            return None
        call_id, _, stage = channel_id.removeprefix(LEG_PREFIX).partition("-")
        actor = self._calls.get(call_id)
        return (actor, int(stage or 1)) if actor is not None and (stage.isdigit() or not stage) else None

    def owned(self) -> Owned:
        actors = self.actors()
        stages = [(actor, stage) for actor in actors for stage in {resource.stage for resource in actor.machine.held}]
        return Owned(
            callers=frozenset(self._callers),
            legs=frozenset(actor.shell.leg_id(stage) for actor, stage in stages),
            bridges=frozenset(actor.shell.bridge_id(stage) for actor, stage in stages),
        )
