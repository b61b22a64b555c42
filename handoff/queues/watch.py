"""Keeps a QueueBoard true to a running Asterisk: events as they come, snapshots at the start, after every reconnect and now and then."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from handoff.queues.board import EVENTS, QueueBoard

log = logging.getLogger(__name__)


class ManagerLink(Protocol):
    """What is needed of an AMI client: it reconnects by itself, and receives the event class ``agent`` (and ``user``, see board.py)."""

    @property
    def connected(self) -> bool: ...

    def on_event(self, name: str, callback: Callable[[Mapping[str, str]], None], /) -> None:
        """Call back for every event of that name, across reconnects."""
        ...

    async def queue_status(self, queue: str, /) -> Sequence[Mapping[str, str]]:
        """The answer to QueueStatus, of all queues when ``queue`` is empty; raises when there is none."""
        ...


class QueueWatch:
    """``run`` must be running; ``on_change`` is called on its loop, at most every ``coalesce_s``."""

    def __init__(
        self,
        link: ManagerLink,
        board: QueueBoard,
        on_change: Callable[[], None],
        *,
        clock: Callable[[], float] = time.time,
        every_s: float = 60.0,
        coalesce_s: float = 0.1,
        look_s: float = 0.05,
        retry_s: float = 1.0,
    ) -> None:
        """``every_s`` between snapshots; ``look_s`` between looks at ``connected``, shorter than any reconnect takes."""
        self._link, self._board, self._on_change, self._clock = link, board, on_change, clock
        self._every_s, self._coalesce_s, self._look_s, self._retry_s = every_s, coalesce_s, look_s, retry_s
        self._changed = asyncio.Event()
        self.live = asyncio.Event()
        """Set while the board shows what Asterisk says."""
        for name in EVENTS:
            link.on_event(name, self._take)

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell())
            tasks.create_task(self._follow())

    def _take(self, event: Mapping[str, str]) -> None:
        if self._board.feed(event, self._clock()):
            self._changed.set()

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        was_connected, due = False, 0.0
        while True:
            connected = self._link.connected
            if was_connected and not connected:
                self._lost()
            elif connected and (not was_connected or loop.time() >= due):
                due = loop.time() + (self._every_s if await self._snapshot() else self._retry_s)
            was_connected = connected
            await asyncio.sleep(self._look_s)

    def _lost(self) -> None:
        self.live.clear()
        self._board.disconnected(self._clock())
        self._changed.set()

    async def _snapshot(self) -> bool:
        self._board.begin_snapshot()
        try:
            answer = await self._link.queue_status("")
        except Exception as error:
            # The client's own errors are not known here; it reports them in full, and the next look tries again.
            self._board.drop_snapshot()
            log.warning("queue_snapshot_failed", extra={"error": str(error)})
            return False
        if not self._board.snapshot(answer, self._clock()):
            return False
        self.live.set()
        self._changed.set()
        return True

    async def _tell(self) -> None:
        due: float | None = None
        while True:
            try:
                async with asyncio.timeout(None if due is None else max(0.0, due - self._clock())):
                    await self._changed.wait()
            except TimeoutError:
                pass  # something changes by itself now
            self._changed.clear()
            told_at = self._clock()
            try:
                self._on_change()
            except Exception:
                log.exception("queue_change_callback_failed")
            # Asked for as of the telling: what changes during the pause below must be told too.
            due = self._board.next_change(told_at)
            await asyncio.sleep(self._coalesce_s)
