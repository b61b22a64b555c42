"""Keeps the dead-man timer of every served caller from firing: when this stops, the dialplan takes the callers to the queue."""

import asyncio
import time
from collections.abc import Callable, Iterable

from ari_app.calls.actor import CallActor


class Heartbeat:
    def __init__(self, actors: Callable[[], Iterable[CallActor]], every_s: float) -> None:
        self._actors = actors
        self._every_s = every_s

    async def run(self) -> None:
        """Beat until cancelled, at absolute times: work that takes long does not stretch the interval."""
        due = time.monotonic()
        while True:
            for actor in list(self._actors()):
                actor.beat()
            due = max(due + self._every_s, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
