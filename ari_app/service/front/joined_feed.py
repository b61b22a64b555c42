"""The control feed of all workers as one. Workers may come and go while it is read: readers then get a snapshot in between."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Final

from ari_app.calls.feed_lines import FeedLines
from ari_app.service.front.joined_calls import JoinedCalls, News, Resync
from ari_app.service.front.worker_page import WorkerPage
from ari_app.service.query import ServiceUnreachable
from handoff.desk.floor.live_calls import BadLine

log = logging.getLogger(__name__)

FIRST_S: Final = 1.0
"""The first reader waits no longer for what the workers have to tell."""
RETRY_S: Final = 0.25


class JoinedFeed(FeedLines):
    """Asks the workers from its first reader on: what nobody reads costs them nothing."""

    def __init__(self, workers: Callable[[], Sequence[WorkerPage]], token: str) -> None:
        self.calls = JoinedCalls()
        super().__init__(self.calls.whole)
        self._workers = workers
        self._token = token
        self._readings: dict[WorkerPage, asyncio.Task[None]] = {}
        self._begun = False
        self._news = asyncio.Event()

    async def begin(self) -> None:
        """For a reader who comes: returns when there is something to show, after ``FIRST_S`` in any case."""
        if self._begun:
            return
        self._begun = True
        self.workers_changed()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_S):
                while not all(self.calls.known(page.number) for page in self._workers()):
                    self._news.clear()
                    await self._news.wait()

    def workers_changed(self) -> None:
        """To be called when a worker has been added or removed."""
        if not self._begun:
            return
        pages = self._workers()
        for page in [page for page in self._readings if page not in pages]:
            self._readings.pop(page).cancel()
            self._tell(self.calls.lost(page.number))
        for page in pages:
            if page not in self._readings:
                self._readings[page] = asyncio.create_task(self._read(page), name=f"feed-{page.number}")

    async def end(self) -> None:
        self.close()
        readings = list(self._readings.values())
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)

    async def _read(self, page: WorkerPage) -> None:
        """Whatever is wrong with a worker's feed, it is asked for again."""
        while True:
            reason = "it ended"
            try:
                async with contextlib.aclosing(page.feed(self._token)) as lines:
                    async for line in lines:
                        self._tell(self.calls.take(page.number, line))
            except (ServiceUnreachable, BadLine) as error:
                reason = str(error)
            if self.calls.known(page.number):
                log.warning("worker_feed_away", extra={"worker": page.number, "reason": reason})
            self._tell(self.calls.lost(page.number))
            await asyncio.sleep(RETRY_S)

    def _tell(self, change: News | Resync | None) -> None:
        match change:
            case News(kind, call_id, at, data):
                self.put(kind, call_id, at, data)
            case Resync():
                self.resync()
        self._news.set()
