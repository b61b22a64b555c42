"""Runs the agent's own code beside its calls: threads of its own, bounded, each with a time limit. No call ever waits for it."""

import asyncio
import inspect
import logging
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from agents.tools.threads import ToolThreads, TooSlow

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
"""Sync handlers that run at once; each has a thread."""
WAITING: Final = 256
"""Handlers begun or waiting; a further one is dropped."""
LIMIT_S: Final = 10.0
"""Seconds after which a handler is given up."""


class HandlerPool:
    """Async handlers share one event loop, which is not that of the calls; sync ones get threads. Handlers start in the order of ``run``.

    ``loud``: failures are also shown on the terminal, for whoever is writing the handler.
    """

    def __init__(self, *, at_once: int = AT_ONCE, waiting: int = WAITING, limit_s: float = LIMIT_S) -> None:
        self.limit_s = limit_s
        self.loud: Callable[[str], None] | None = None
        self._at_once = at_once
        self._waiting = waiting
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: ToolThreads | None = None
        self._open = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, name: str, call_id: str, function: Callable[..., Any], *arguments: Any) -> bool:
        """Begin it and return at once. False: dropped, because too many are open. ``name`` is how the log calls it."""
        with self._lock:
            if self._open >= self._waiting:
                log.warning("handler_dropped", extra={"handler": name, "call_id": call_id, "open": self._open})
                return False
            self._open += 1
            loop = self._loop or self._begin()
        loop.call_soon_threadsafe(self._start, name, call_id, function, arguments)
        return True

    async def settled(self, limit_s: float) -> bool:
        """Wait until nothing is open, from any loop; False when that takes too long."""
        until = time.monotonic() + limit_s
        while self._open:
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(0.002)
        for _ in range(3):  # what handlers asked of the call came through the loop, a step behind them
            await asyncio.sleep(0)
        return True

    def _begin(self) -> asyncio.AbstractEventLoop:
        self._loop = loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, name="agent-handlers", daemon=True).start()
        return loop

    def _start(self, name: str, call_id: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        if self._threads is None:
            self._threads = ToolThreads(self._at_once)
        task = asyncio.get_running_loop().create_task(self._guard(name, call_id, function, arguments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, name: str, call_id: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        try:
            if inspect.iscoroutinefunction(function):
                await self._await(function, arguments)
            elif self._threads is not None:
                await self._threads.run(lambda: function(*arguments), self.limit_s, name)
        except TooSlow:
            log.warning("handler_too_slow", extra={"handler": name, "call_id": call_id, "limit_s": self.limit_s})
            self._show(f"{name} took longer than {self.limit_s:g} s and was given up")
        except BaseException as error:  # SystemExit in a handler ends neither the loop nor the call
            self._failed(name, call_id, error)
        finally:
            with self._lock:
                self._open -= 1

    async def _await(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """Not ``asyncio.timeout``: that would wait for a handler which does not let itself be cancelled."""
        task = asyncio.ensure_future(_contained(function, arguments))
        done, _ = await asyncio.wait({task}, timeout=self.limit_s)
        if not done:
            task.cancel()
            raise TooSlow
        if problem := task.result():
            raise problem

    def _failed(self, name: str, call_id: str, error: BaseException) -> None:
        """The error's own words may hold what a caller said: the log gets its type and place, the whole only at debug."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        log.warning("handler_failed", extra={"handler": name, "call_id": call_id, "exception": type(error).__name__, "at": place})
        log.debug("handler_failed_whole", exc_info=error)
        self._show(f"{name} failed at {place}: {error!r}")

    def _show(self, text: str) -> None:
        if self.loud is not None:
            self.loud(text)


async def _contained(function: Callable[..., Any], arguments: tuple[Any, ...]) -> BaseException | None:
    """What it raised: out of a task, SystemExit would end the loop of all handlers."""
    try:
        await function(*arguments)
    except BaseException as error:
        return error
    return None
