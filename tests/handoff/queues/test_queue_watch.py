"""The shell: when it asks, what it does when nobody answers, and how often it tells."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from handoff.queues import QueueBoard, QueueWatch
from tests.handoff.queues.queue_events import T0, Event, connect, entry, join, leave, line, listed, look, params


class Link:
    """A manager interface whose every answer is released by the test."""

    def __init__(self) -> None:
        self.connected = True
        self.callbacks: dict[str, Callable[[Mapping[str, str]], None]] = {}
        self.asked: asyncio.Queue[asyncio.Future[Sequence[Event]]] = asyncio.Queue()

    def on_event(self, name: str, callback: Callable[[Mapping[str, str]], None]) -> None:
        self.callbacks[name] = callback

    async def queue_status(self, queue: str) -> Sequence[Event]:
        assert queue == ""
        answer: asyncio.Future[Sequence[Event]] = asyncio.get_running_loop().create_future()
        self.asked.put_nowait(answer)
        return await answer

    def send(self, *events: Event) -> None:
        for event in events:
            self.callbacks[event["Event"]](event)

    async def asked_for(self) -> asyncio.Future[Sequence[Event]]:
        return await asyncio.wait_for(self.asked.get(), 5)


class Desk:
    def __init__(self, board: QueueBoard) -> None:
        self.board = board
        self.told = asyncio.Event()
        self.seen: list[list[str]] = []

    def __call__(self) -> None:
        self.told.set()
        self.seen.append(line(look(self.board)) if "support" in self.board.view(T0) else [])

    async def sees(self, wanted: list[str]) -> None:
        async with asyncio.timeout(5):
            while not self.seen or self.seen[-1] != wanted:
                self.told.clear()
                await self.told.wait()


@asynccontextmanager
async def watching(**options: float) -> AsyncIterator[tuple[Link, QueueBoard, Desk, QueueWatch]]:
    link, board = Link(), QueueBoard()
    desk = Desk(board)
    timing = {"every_s": 60.0, "coalesce_s": 0.01, "look_s": 0.005, "retry_s": 0.01} | options
    watch = QueueWatch(link, board, desk, clock=lambda: T0, **timing)
    task = asyncio.create_task(watch.run())
    try:
        yield link, board, desk, watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_asks_at_the_start_and_keeps_what_happens_meanwhile() -> None:
    async with watching() as (link, _, desk, watch):
        answer = await link.asked_for()
        assert not watch.live.is_set()
        link.send(join("late", 2))
        answer.set_result([params(), entry("early")])
        await desk.sees(["early", "late"])
        assert watch.live.is_set()


async def test_it_asks_again_after_a_reconnect_and_is_not_live_in_between() -> None:
    async with watching() as (link, board, desk, watch):
        (await link.asked_for()).set_result([params(), entry("a"), entry("b", 2)])
        await desk.sees(["a", "b"])
        link.connected = False
        async with asyncio.timeout(5):
            while watch.live.is_set():
                await asyncio.sleep(0.005)
        assert look(board).stale_since == T0
        link.connected = True
        (await link.asked_for()).set_result([params(), entry("b")])
        await desk.sees(["b"])
        assert look(board).stale_since is None


async def test_no_answer_is_asked_for_again_and_loses_no_event() -> None:
    async with watching() as (link, _, desk, watch):
        first = await link.asked_for()
        link.send(join("a"))
        first.set_exception(ConnectionError("AMI connection lost"))
        second = await link.asked_for()
        assert not watch.live.is_set()
        await desk.sees(["a"])
        second.set_result([params(), entry("a")])
        await asyncio.wait_for(watch.live.wait(), 5)


async def test_it_asks_every_now_and_then() -> None:
    async with watching(every_s=0.02) as (link, _, desk, _watch):
        (await link.asked_for()).set_result([params(), entry("a")])
        await desk.sees(["a"])
        (await link.asked_for()).set_result([params()])
        await desk.sees([])


async def test_a_burst_is_told_in_one() -> None:
    async with watching() as (link, _, desk, _watch):
        (await link.asked_for()).set_result([params()])
        await desk.sees([])
        before = len(desk.seen)
        for number in range(200):
            link.send(join(f"c{number}", number + 1))
        await desk.sees([f"c{number}" for number in range(200)])
        assert len(desk.seen) - before <= 2


async def test_the_end_of_a_wrap_up_is_told_though_nothing_happens() -> None:
    link, board = Link(), QueueBoard()
    now, told = [T0], asyncio.Event()
    watch = QueueWatch(link, board, told.set, clock=lambda: now[0], coalesce_s=0.01, look_s=0.005)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(watch.run())
        (await link.asked_for()).set_result([params(), listed("2001", LastCall=str(int(T0)), Wrapuptime="1")])
        async with asyncio.timeout(5):
            await watch.live.wait()
            for now[0] in (T0 + 0.95, T0 + 1):
                told.clear()
                await told.wait()
        assert look(board, now[0]).members[0].state == "available"
        task.cancel()


async def test_a_callback_that_fails_does_not_end_the_watch() -> None:
    link, board = Link(), QueueBoard()
    calls: asyncio.Queue[None] = asyncio.Queue()

    def fails() -> None:
        calls.put_nowait(None)
        raise RuntimeError("the desk stumbled")

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(QueueWatch(link, board, fails, clock=lambda: T0, coalesce_s=0.01, look_s=0.005).run())
        (await link.asked_for()).set_result([params()])
        await asyncio.wait_for(calls.get(), 5)
        link.send(join("a"), leave("a"), connect("a", "2001"))
        await asyncio.wait_for(calls.get(), 5)
        task.cancel()
