"""All workers of an instance: started, watched, added, removed and replaced while calls go on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from ari_app.service.front.worker_page import WorkerPage
from ari_app.service.query import ServiceUnreachable
from ari_app.service.taking_calls import Standing, listed
from ari_app.service.worker import Worker, WorkerFailed

log = logging.getLogger(__name__)

MOST: Final = 16
"""Workers that answer calls at once."""
_LOOK_S: Final = 1.0
_TELL_S: Final = 1.0

Told = Callable[[str], None]
"""Hears, line by line, what is being done."""


class CrewError(Exception):
    """What is asked cannot be done now; the message says why and what to do."""


class Crew:
    """``make`` makes the worker of a number, ``on_change`` is told when one comes or goes. One command at a time."""

    def __init__(
        self, make: Callable[[int], Worker], drain_s: float, on_change: Callable[[], None], dialplan_knows: Callable[[], Awaitable[object]]
    ) -> None:
        """``dialplan_knows`` returns when Asterisk has been told what ``listed`` gives, or after a few seconds."""
        self._make = make
        self._drain_s = drain_s
        self._on_change = on_change
        self._dialplan_knows = dialplan_knows
        self._workers: list[Worker] = []
        self._busy = asyncio.Lock()

    # What others may know

    @property
    def workers(self) -> Sequence[Worker]:
        return tuple(self._workers)

    def pages(self) -> Sequence[WorkerPage]:
        return [worker.page for worker in self._workers]

    def pids(self) -> dict[str, int]:
        return {name: pid for worker in self._workers for name, pid in worker.pids().items()}

    def about(self) -> Mapping[int, Mapping[str, Any]]:
        return {worker.number: {"app": worker.app, "leaving": worker.leaving} for worker in self._workers}

    def listed(self) -> str:
        """The applications that new calls go to, as the dialplan has it."""
        return listed(Standing(worker.app, worker.reasons == [], worker.leaving) for worker in self._workers)

    # Life

    def enlist(self) -> Worker:
        """A worker of the lowest number that is free, not yet started."""
        taken = {worker.number for worker in self._workers}
        worker = self._make(next(number for number in range(1, MOST + 2) if number not in taken))
        self._workers.append(worker)
        self._on_change()
        return worker

    async def watch(self) -> None:
        """Look after all of them, until cancelled."""
        while True:
            await asyncio.gather(*(worker.look() for worker in self._workers))
            await asyncio.sleep(_LOOK_S)

    async def fill(self, count: int) -> None:
        """Start what is missing of ``count`` workers, one after the other. One that does not come up is told of in the log."""
        for _ in range(count - len(self._workers)):
            try:
                async with self._alone():
                    await self._add(lambda line: log.info("worker_added", extra={"said": line}))
            except (CrewError, WorkerFailed, OSError) as error:
                log.error("worker_not_added", extra={"error": str(error)})

    async def stop(self) -> None:
        """End all of them at once; live calls go to the queue."""
        await asyncio.gather(*(worker.stop_mind() for worker in self._workers))
        await asyncio.gather(*(worker.stop() for worker in self._workers))

    # Commands. All raise CrewError.

    async def add(self, told: Told) -> None:
        async with self._alone():
            if len(self._workers) >= MOST:
                raise CrewError(f"There are {MOST} workers already, which is the most that one instance has.")
            await self._added(told)

    async def remove(self, number: int, told: Told) -> None:
        async with self._alone():
            worker = self._worker(number)
            if len(self._workers) == 1:
                raise CrewError("The last worker cannot be removed. To end it: ./patchcord down --drain")
            await self._end([worker], told)

    async def restart(self, numbers: Sequence[int], told: Told) -> None:
        """Replace each of these (empty: all), in turn: first there is a new one that answers calls, then the old one finishes its own."""
        async with self._alone():
            for worker in [self._worker(number) for number in numbers] or list(self._workers):
                await self._added(told)
                await self._end([worker], told)

    async def drain(self, told: Told) -> None:
        """All of them finish their calls and end; new ones go to the queue."""
        async with self._alone():
            await self._end(list(self._workers), told)

    def _worker(self, number: int) -> Worker:
        for worker in self._workers:
            if worker.number == number:
                return worker
        there = ", ".join(str(worker.number) for worker in self._workers)
        raise CrewError(f"There is no worker {number}. There are: {there}.")

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if self._busy.locked():
            raise CrewError("Workers are being changed already. Wait until that is done: ./patchcord workers list")
        async with self._busy:
            yield

    async def _added(self, told: Told) -> None:
        try:
            await self._add(told)
        except (WorkerFailed, OSError) as error:
            raise CrewError(f"{error}. The other workers go on as they were.") from error

    async def _add(self, told: Told) -> None:
        worker = self.enlist()
        told(f"worker {worker.number} starts")
        try:
            await worker.start_media()
            await worker.start()
        except BaseException:
            self._workers.remove(worker)
            await worker.stop()
            self._on_change()
            raise
        self._on_change()
        await self._dialplan_knows()
        told(f"worker {worker.number} answers calls")

    async def _end(self, workers: Sequence[Worker], told: Told) -> None:
        for worker in workers:
            worker.leaving = True
        await self._dialplan_knows()
        await asyncio.gather(*(self._drained(worker, told) for worker in workers))

    async def _drained(self, worker: Worker, told: Told) -> None:
        told(f"worker {worker.number} gets no new calls")
        counting = asyncio.create_task(self._count(worker, told))
        try:
            await worker.drain(self._drain_s)
        finally:
            counting.cancel()
            self._workers.remove(worker)
            self._on_change()
        told(f"worker {worker.number} has ended")

    async def _count(self, worker: Worker, told: Told) -> None:
        """Say how many calls are left, whenever that changes."""
        before: int | None = None
        while True:
            try:
                left = await worker.live_calls()
            except ServiceUnreachable:
                return
            if left and left != before:
                told(f"worker {worker.number} finishes {left} call{'' if left == 1 else 's'}")
            before = left
            await asyncio.sleep(_TELL_S)
