"""A second request when the first one is late: the first to say anything is listened to, the other one is closed."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import TypeVar

from agents.llm.pump import Pump

T = TypeVar("T")


async def earliest(make: Callable[[], AsyncGenerator[T, None]], after_s: float | None, until: float | None) -> Pump[T]:
    """A stream of ``make`` that has its first piece ready; the taker closes it.

    ``after_s``: silence after which a second one is begun; None: never. ``until``: on the loop's clock. A first stream that fails before a
    second was begun fails all; of two, both have to fail. Raises what the stream raised (the first one, of two), StreamOver for one that
    ended without a piece, or TimeoutError.
    """
    pumps = [Pump(make())]
    won: Pump[T] | None = None
    try:
        async with asyncio.timeout_at(until):
            if after_s is not None and not await _within(pumps[0], after_s):
                pumps.append(Pump(make()))
            won = await _first(pumps)
        return won
    finally:
        await asyncio.gather(*(pump.close() for pump in pumps if pump is not won))


async def _within(pump: Pump[T], limit_s: float) -> bool:
    try:
        async with asyncio.timeout(limit_s):
            await pump.arrived()
    except TimeoutError:
        return False
    return True


async def _first(pumps: list[Pump[T]]) -> Pump[T]:
    waiting = {asyncio.ensure_future(pump.arrived()): pump for pump in pumps}
    failures: dict[int, BaseException] = {}
    try:
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for pump in [waiting.pop(task) for task in done]:
                failure = pump.failure
                if failure is None:
                    return pump
                failures[pumps.index(pump)] = failure
    finally:
        for task in waiting:
            task.cancel()
    raise failures[min(failures)]
