"""Threads for tools that are ordinary functions: bounded, their own, and never waited for at the end of the process."""

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from agents.tools.toolbox import ToolError

log = logging.getLogger(__name__)

T = TypeVar("T")

THREADS: Final = 16
"""Uses of sync tools at once, over all calls of a worker. They wait for other machines most of their time."""


class TooSlow(Exception):
    """The work passed its limit; nobody waits for it any more."""


class ToolThreads:
    """Belongs to one event loop. A thread that never returns keeps its place: what is bounded is the harm."""

    def __init__(self, size: int = THREADS) -> None:
        self.size = size
        self.overdue = 0
        """Threads that work on although nobody waits for them any more."""
        self._free = asyncio.Semaphore(size)

    async def run(self, work: Callable[[], T], limit_s: float, tool: str) -> T:
        """Its result, or its exception. Raises ToolError when no thread is free within the limit, TooSlow when it takes longer."""
        loop = asyncio.get_running_loop()
        until = loop.time() + limit_s
        try:
            async with asyncio.timeout_at(until):
                await self._free.acquire()
        except TimeoutError:
            raise ToolError(
                f"all tool threads are busy ({self.size}, {self.overdue} of them past their limit), so {tool} was not begun: let tools "
                "wait less, or declare them with async def"
            ) from None
        outcome: asyncio.Future[tuple[T | None, BaseException | None]] = loop.create_future()
        context = contextvars.copy_context()

        def body() -> None:
            result, problem = None, None
            try:
                result = context.run(work)
            except BaseException as error:  # SystemExit too: it would end this thread only, and the caller would wait
                problem = error
            try:
                loop.call_soon_threadsafe(settle, result, problem)
            except RuntimeError:  # the loop is closed: the process ends
                log.debug("tool_outlived_its_loop", extra={"tool": tool})

        def settle(result: T | None, problem: BaseException | None) -> None:
            self._free.release()
            if outcome.done():
                self.overdue -= 1
            else:
                outcome.set_result((result, problem))

        threading.Thread(target=body, name=f"tool:{tool}", daemon=True).start()
        try:
            async with asyncio.timeout_at(until):
                result, problem = await outcome
        except TimeoutError:
            self.overdue += 1
            raise TooSlow from None
        except asyncio.CancelledError:
            self.overdue += 1
            raise
        if problem is not None:
            raise problem
        return result  # type: ignore[return-value]
