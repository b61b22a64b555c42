"""How a worker ends. SIGTERM: no new calls; the live ones go on to their end, within a limit. SIGINT: at once."""

import asyncio
import logging
import signal
from typing import Protocol

log = logging.getLogger(__name__)


class Drained(Protocol):
    async def drain(self) -> None:
        """Take no new calls; return when the live ones are finished."""
        ...


class Ending:
    """To be made on the event loop: from then on the signals are ours."""

    def __init__(self, limit_s: float) -> None:
        """``limit_s``: for the live calls; those that are left then go to the queue."""
        self._limit_s = limit_s
        self._politely = asyncio.Event()
        self._now = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._politely.set)
        loop.add_signal_handler(signal.SIGINT, self._now.set)

    async def after(self, serving: asyncio.Task[None], calls: Drained) -> None:
        """Return when it is time to close. Raises what ``serving`` raises when it ends before."""
        now = asyncio.create_task(self._now.wait())
        politely = asyncio.create_task(self._politely.wait())
        draining: asyncio.Task[None] | None = None
        try:
            await asyncio.wait({serving, now, politely}, return_when=asyncio.FIRST_COMPLETED)
            if not serving.done() and not now.done():
                log.info("draining", extra={"limit_s": self._limit_s})
                draining = asyncio.create_task(calls.drain())
                await asyncio.wait({serving, now, draining}, timeout=self._limit_s, return_when=asyncio.FIRST_COMPLETED)
                log.info("drained", extra={"complete": draining.done()})
            if serving.done():
                await serving
        finally:
            for task in (now, politely, draining):
                if task is not None:
                    task.cancel()
