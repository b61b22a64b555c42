"""The pump and the race of two requests, in virtual time."""

import asyncio
from collections.abc import AsyncGenerator, Iterable

import pytest

from agents.llm.hedging import earliest
from agents.llm.pump import Pump, StreamOver
from tests.agents.virtual_time import run_virtual


class Source:
    """``plan``: seconds to wait, pieces, or an error, by stream in the order they are begun."""

    def __init__(self, *plans: Iterable[float | str | Exception]) -> None:
        self.plans = [list(plan) for plan in plans]
        self.begun = 0
        self.closed: list[int] = []

    def make(self) -> AsyncGenerator[str, None]:
        self.begun += 1
        return self._run(self.begun - 1)

    async def _run(self, number: int) -> AsyncGenerator[str, None]:
        try:
            for step in self.plans[number]:
                if isinstance(step, str):
                    yield step
                elif isinstance(step, Exception):
                    raise step
                else:
                    await asyncio.sleep(step)
        finally:
            self.closed.append(number)


async def rest_of(pump: Pump[str]) -> list[str]:
    got = []
    try:
        while True:
            got.append(await pump.next())
    except StreamOver:
        return got
    finally:
        await pump.close()


def test_a_wait_that_was_given_up_loses_nothing() -> None:
    async def main() -> list[str]:
        pump = Pump(Source(["a", 1.0, "b"]).make())
        assert await pump.next() == "a"
        with pytest.raises(TimeoutError):
            await pump.next(asyncio.get_running_loop().time() + 0.5)
        return await rest_of(pump)

    assert run_virtual(main()) == ["b"]


def test_the_pump_raises_what_the_stream_raised_as_often_as_it_is_asked() -> None:
    async def main() -> None:
        pump = Pump(Source(["a", ValueError("no")]).make())
        assert await pump.next() == "a"
        for _ in range(2):
            with pytest.raises(ValueError, match="no"):
                await pump.next()
        await pump.close()

    run_virtual(main())


def race(source: Source, after_s: float | None = 0.5, limit_s: float = 2.0) -> tuple[list[str], float]:
    async def main() -> tuple[list[str], float]:
        clock = asyncio.get_running_loop().time
        begun = clock()
        pump = await earliest(source.make, after_s, begun + limit_s)
        took = round(clock() - begun, 3)
        return await rest_of(pump), took

    return run_virtual(main())


def test_a_first_answer_in_time_stays_alone() -> None:
    source = Source([0.3, "a", "b"])
    assert race(source) == (["a", "b"], 0.3)
    assert source.begun == 1


def test_the_second_one_wins_and_the_first_is_closed() -> None:
    source = Source([9.0, "a"], [0.2, "b", 3.0, "c"])
    assert race(source) == (["b", "c"], 0.7)
    assert source.closed == [0, 1]


def test_the_first_one_may_still_win() -> None:
    source = Source([0.6, "a"], [0.2, "b"])
    assert race(source) == (["a"], 0.6)
    assert sorted(source.closed) == [0, 1]


def test_without_hedging_there_is_one_request() -> None:
    source = Source([1.0, "a"])
    assert race(source, after_s=None) == (["a"], 1.0)
    assert source.begun == 1


def test_a_failure_before_the_second_is_a_failure() -> None:
    source = Source([0.1, ValueError("no")], ["b"])
    with pytest.raises(ValueError, match="no"):
        race(source)
    assert source.begun == 1


def test_of_two_one_may_fail() -> None:
    assert race(Source([0.6, ValueError("no")], [0.4, "b"]))[0] == ["b"]
    assert race(Source([0.9, "a"], [0.1, ValueError("no")]))[0] == ["a"]


def test_both_fail() -> None:
    source = Source([0.9, ValueError("first")], [0.1, ValueError("second")])
    with pytest.raises(ValueError, match=r"first|second"):
        race(source)
    assert sorted(source.closed) == [0, 1]


def test_an_end_without_a_piece() -> None:
    with pytest.raises(StreamOver):
        race(Source([0.1]))


def test_nobody_says_anything() -> None:
    source = Source([9.0, "a"], [9.0, "b"])
    with pytest.raises(TimeoutError):
        race(source)
    assert sorted(source.closed) == [0, 1]


def test_cancelling_closes_both() -> None:
    source = Source([9.0, "a"], [9.0, "b"])

    async def main() -> None:
        task = asyncio.create_task(earliest(source.make, 0.5, None))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(asyncio.all_tasks()) == 1

    run_virtual(main())
    assert sorted(source.closed) == [0, 1]
