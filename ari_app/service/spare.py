"""A second process of a kind, loaded and waiting: it takes over in the moment the first one dies.

Loading a recogniser, voices and agents takes seconds of a processor, which new callers would spend in the queue.
"""

import asyncio
import logging
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from typing import Final

log = logging.getLogger(__name__)

GO: Final = b"go\n"
"""What the waiting process reads on its standard input when its turn has come; at the end of that input it ends."""


class Spare:
    """``begin`` has one made after ``after_s`` seconds, so that it does not load beside the start of the first; ``take`` gives it away."""

    def __init__(self, name: str, start: Callable[[], Awaitable[Process]], after_s: float, on_change: Callable[[], None]) -> None:
        """``start`` starts the waiting process, with a pipe as its standard input; ``on_change`` is told when one waits or has died.

        ``name``: for the log.
        """
        self._name = name
        self._start = start
        self._after_s = after_s
        self._on_change = on_change
        self._process: Process | None = None
        self._making: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    def begin(self) -> None:
        self._making = asyncio.create_task(self._make(), name=f"spare-{self._name}")

    async def _make(self) -> None:
        await asyncio.sleep(self._after_s)
        self._process = await self._start()
        self._on_change()
        code = await self._process.wait()
        self._on_change()
        # Not made again before it is needed: most likely there is no memory for it.
        log.warning("spare_died", extra={"child": self._name, "exit_code": code})

    async def take(self) -> Process | None:
        """The waiting process, which begins now; None when there is none."""
        process = await self._let_go()
        if process is None or process.returncode is not None or process.stdin is None:
            return None
        try:
            process.stdin.write(GO)
            await process.stdin.drain()
        except OSError as error:
            log.warning("spare_died", extra={"child": self._name, "error": str(error)})
            return None
        return process

    async def stop(self) -> None:
        """It has nothing to give back: it is killed."""
        process = await self._let_go()
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _let_go(self) -> Process | None:
        if self._making is not None:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)
        process, self._process = self._process, None
        return process
