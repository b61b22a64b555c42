"""Python tools at work: what they may do wrong, and that nobody suffers from it."""

import asyncio
import contextvars
import logging
import re
import sys
import threading
import time
from collections.abc import Iterator
from typing import NoReturn

import pytest

from agents.tools import CallFacts, Tool, ToolError, tool
from agents.tools.threads import ToolThreads

NOBODY = CallFacts()


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Ends the threads that a test leaves behind."""
    event = threading.Event()
    yield event
    event.set()


async def run(made: Tool, threads: ToolThreads | None = None, **arguments: str) -> dict[str, object]:
    return dict(await made.run(arguments, NOBODY, threads or ToolThreads(4)))


def test_the_decorated_function_is_still_a_function() -> None:
    @tool(name="numbers.add", safe=True, limit_s=1, examples=["add them"])
    def add(a: int, b: int = 2) -> int:
        """Adds."""
        return a + b

    assert add(1) == 3
    assert (add.info.name, add.info.safe, add.info.limit_s, add.examples) == ("numbers.add", True, 1, ("add them",))


async def test_sync_functions_run_in_threads_of_their_own_with_the_context() -> None:
    mark = contextvars.ContextVar("mark", default="")
    mark.set("this call")

    @tool
    def where() -> list[object]:
        thread = threading.current_thread()
        return [thread is not threading.main_thread(), thread.name, thread.daemon, mark.get()]

    assert await run(where) == {"result": [True, "tool:where", True, "this call"]}


async def test_async_functions_and_objects_run_on_the_loop() -> None:
    class Greeter:
        async def __call__(self, name: str) -> str:
            await asyncio.sleep(0)
            return f"hello {name} {threading.current_thread() is threading.main_thread()}"

    @tool
    async def plain() -> str:
        return "plain"

    assert await run(plain) == {"result": "plain"}
    assert await run(tool(Greeter()), name="Ann") == {"result": "hello Ann True"}


async def test_a_tool_says_itself_what_went_wrong() -> None:
    @tool
    def refuse() -> None:
        raise ToolError("the shop is closed")

    with pytest.raises(ToolError, match=r"^the shop is closed$"):
        await run(refuse)


@pytest.mark.parametrize("kind", [ValueError, TimeoutError, StopIteration, SystemExit, RecursionError])
async def test_exceptions_become_tool_errors_without_their_words(kind: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    def raise_it() -> NoReturn:
        raise kind("card 4111 1111 1111 1111")

    @tool
    def in_thread() -> None:
        raise_it()

    @tool
    async def on_loop() -> None:
        raise_it()

    with caplog.at_level(logging.INFO):
        for made in (in_thread, on_loop):
            with pytest.raises(ToolError, match=rf"{made.info.name} failed with \w+ at test_python_tools.py:\d+") as caught:
                await run(made)
            assert "4111" not in str(caught.value)
    assert [record.message for record in caplog.records] == ["tool_raised", "tool_raised"]
    told = caplog.text + str([vars(record) for record in caplog.records])
    assert not re.search(r"(?<![\d.])4111(?!\d)", told), "but in the middle of a time or of a thread's number"


async def test_a_tool_that_wants_to_end_the_process_does_not() -> None:
    @tool
    async def leave() -> None:
        sys.exit(3)

    with pytest.raises(ToolError, match="leave failed"):
        await run(leave)


async def test_a_function_that_forgot_async() -> None:
    async def inner() -> int:
        return 1

    @tool
    def forgetful() -> object:
        return inner()

    with pytest.raises(ToolError, match="declare it with async def"):
        await run(forgetful)


async def test_a_slow_thread_is_left_behind_and_counted_until_it_returns(release: threading.Event) -> None:
    threads = ToolThreads(2)

    @tool(limit_s=0.05)
    def stuck() -> None:
        release.wait(20)

    with pytest.raises(ToolError, match=r"stuck took longer than its limit of 0.05 s"):
        await run(stuck, threads)
    assert threads.overdue == 1
    release.set()
    async with asyncio.timeout(10):
        while threads.overdue:
            await asyncio.sleep(0.01)


async def test_threads_that_never_return_cannot_use_up_the_machine(release: threading.Event) -> None:
    threads = ToolThreads(3)
    before = threading.active_count()

    @tool(limit_s=0.05)
    def stuck() -> None:
        release.wait(20)

    @tool(limit_s=0.05)
    def quick() -> int:
        return 1

    for _ in range(3):
        with pytest.raises(ToolError, match="took longer"):
            await run(stuck, threads)
    for made in (stuck, quick):
        with pytest.raises(ToolError, match=r"all tool threads are busy \(3, 3 of them past their limit\), so \w+ was not begun"):
            await run(made, threads)
    assert threading.active_count() == before + 3
    release.set()
    async with asyncio.timeout(10):
        while threads.overdue:
            await asyncio.sleep(0.01)
    assert await run(tool(limit_s=20)(quick.function), threads) == {"result": 1}


async def test_uses_wait_for_a_free_thread_within_their_limit() -> None:
    @tool(limit_s=10)
    def nap() -> int:
        time.sleep(0.02)
        return 1

    threads = ToolThreads(2)
    assert await asyncio.gather(*(run(nap, threads) for _ in range(8))) == [{"result": 1}] * 8


async def test_an_async_tool_that_does_not_let_itself_be_cancelled_is_not_waited_for() -> None:
    free, ended = asyncio.Event(), asyncio.Event()

    @tool(limit_s=0.05)
    async def stubborn() -> None:
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue
        ended.set()
        raise ValueError("nobody hears this")

    with pytest.raises(ToolError, match="stubborn took longer"):
        await run(stubborn)
    assert not ended.is_set()
    free.set()
    async with asyncio.timeout(10):
        await ended.wait()


async def test_giving_up_a_use_cancels_async_tools_and_leaves_threads(release: threading.Event) -> None:
    threads = ToolThreads(1)
    cancelled = asyncio.Event()

    @tool
    async def patient() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    @tool
    def stuck() -> None:
        release.wait(20)

    for made in (patient, stuck):
        task = asyncio.create_task(run(made, threads))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(10):
        await cancelled.wait()
    assert threads.overdue == 1


async def test_the_loop_goes_on_while_threads_work(release: threading.Event) -> None:
    @tool(limit_s=10)
    def wait() -> str:
        release.wait(20)
        return "released"

    task = asyncio.create_task(run(wait))
    for _ in range(5):
        await asyncio.sleep(0.005)
    assert not task.done()
    release.set()
    assert await task == {"result": "released"}
