"""Takes a stream out of a generator in a task of its own, so that whoever waits for the next piece can stop waiting without losing it."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Generic, TypeVar

T = TypeVar("T")


class StreamOver(Exception):
    """The generator has no further piece."""


class Pump(Generic[T]):
    """Must be made on a running loop, and closed."""

    def __init__(self, source: AsyncGenerator[T, None]) -> None:
        self._pieces: deque[T] = deque()
        self._end: BaseException | None = None
        self._arrived = asyncio.Event()
        self._task = asyncio.create_task(self._run(source))

    async def _run(self, source: AsyncGenerator[T, None]) -> None:
        try:
            async with aclosing(source) as pieces:
                async for piece in pieces:
                    self._pieces.append(piece)
                    self._arrived.set()
            self._end = StreamOver()
        except Exception as error:
            self._end = error
        self._arrived.set()

    async def arrived(self) -> None:
        """Returns as soon as ``next`` has something to return or to raise."""
        await self._arrived.wait()

    @property
    def failure(self) -> BaseException | None:
        """What ``next`` would raise now."""
        return None if self._pieces else self._end

    async def next(self, until: float | None = None) -> T:
        """The next piece. ``until``: on the loop's clock.

        Raises StreamOver, what the generator raised, or TimeoutError; after the last nothing is lost and it may be asked again.
        """
        async with asyncio.timeout_at(until):
            await self._arrived.wait()
        if not self._pieces:
            raise self._end or StreamOver()
        piece = self._pieces.popleft()
        if not self._pieces and self._end is None:
            self._arrived.clear()
        return piece

    async def close(self) -> None:
        """Ends the generator at once and waits until it has given back what it held."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
