"""The callers of a soak: so many at any time, each of whom hangs up at a random moment, some of whom go on to a person."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.capacity.callers import Callers
from tests.bench.capacity.own_instance import NUMBER, OVER


@dataclass
class Tally:
    """Since it was last taken."""

    placed: int = 0
    refused: int = 0
    """Not answered, and not since we hung up first."""
    lost: int = 0
    """Ended by the other side, and no person had taken it."""
    transfers: int = 0


@dataclass
class CallersLife:
    """``run`` until cancelled. ``at_once`` callers; ``mean_s``: mean length of a call; ``over``: share that asks for a person."""

    callers: Callers
    at_once: int
    mean_s: float
    over: float
    early: float
    chance: random.Random
    taken: Callable[[str], bool]
    """Whether a person has talked with this caller id."""
    tally: Tally = field(default_factory=Tally)
    stopping: bool = False

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.at_once):
                group.create_task(self._one_after_another())

    async def _one_after_another(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, 0.25 * self.at_once))
        while not self.stopping:
            await self._call()
            await asyncio.sleep(self.chance.uniform(0.2, 2.0))

    async def _call(self) -> None:
        number = OVER if self.chance.random() < self.over else NUMBER
        self.tally.placed += 1
        self.tally.transfers += number == OVER
        if self.chance.random() < self.early:
            placing = asyncio.create_task(self.callers.place(number))
            await asyncio.sleep(self.chance.expovariate(1 / 0.3))
            if not placing.done():
                placing.cancel()
                await asyncio.gather(placing, return_exceptions=True)
                await self.callers.tidy()
                return
            call = await placing
        else:
            call = await self.callers.place(number)
        self.tally.refused += bool(call.problem)
        if call.leg is not None and call.live:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(call.leg.ended.wait(), max(1.0, self.chance.expovariate(1 / self.mean_s)))
        self.tally.lost += call.lost and not self.taken(call.caller_id)
        await self.callers.forget(call)
