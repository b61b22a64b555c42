import asyncio
import os
import signal

from ari_app.service.drain import Ending


class Calls:
    """Live calls that end when the test says so."""

    def __init__(self) -> None:
        self.draining = asyncio.Event()
        self.ended = asyncio.Event()

    async def drain(self) -> None:
        self.draining.set()
        await self.ended.wait()


async def served() -> None:
    await asyncio.Event().wait()


async def test_sigterm_waits_for_the_calls() -> None:
    calls, serving = Calls(), asyncio.create_task(served())
    ending = asyncio.create_task(Ending(60).after(serving, calls))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(calls.draining.wait(), 5)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.05)
    assert not ending.done(), "to be told twice is no reason to hurry"
    calls.ended.set()
    await asyncio.wait_for(ending, 5)
    serving.cancel()


async def test_but_not_for_ever() -> None:
    calls, serving = Calls(), asyncio.create_task(served())
    ending = asyncio.create_task(Ending(0.05).after(serving, calls))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(ending, 5)
    assert calls.draining.is_set()
    serving.cancel()


async def test_sigint_ends_at_once_also_a_drain() -> None:
    calls, serving = Calls(), asyncio.create_task(served())
    ending = asyncio.create_task(Ending(60).after(serving, calls))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(calls.draining.wait(), 5)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.wait_for(ending, 5)
    serving.cancel()


async def test_what_ends_the_service_is_told() -> None:
    async def fails() -> None:
        raise ValueError("taken")

    serving = asyncio.create_task(fails())
    try:
        await asyncio.wait_for(Ending(60).after(serving, Calls()), 5)
    except ValueError as error:
        assert str(error) == "taken"
    else:
        raise AssertionError("the error is not told")
