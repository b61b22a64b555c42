"""Two workers' real pages behind the page of the instance."""

import asyncio
import contextlib
import json
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter

from ari_app.calls.live_feed import LiveFeed
from ari_app.service.control import add_control
from ari_app.service.front.page import FrontPage
from ari_app.service.front.worker_page import WorkerPage
from ari_app.service.http import build_app, serve, serve_at
from handoff.desk.control import HttpCallControl
from handoff.desk.floor.actions import NoSuchCall
from tests.handoff.desk.floor.memory_control import MemoryLiveControl

TOKEN = "t" * 43


class StandIn:
    """A worker: its real page, and calls in memory."""

    def __init__(self, number: int, folder: Path, calls: set[str]) -> None:
        self.number = number
        self.socket = folder / f"page-{number}.sock"
        self.control = MemoryLiveControl(calls)
        self.reasons: list[str] = []
        self.page = WorkerPage(number, self.socket)
        self.feed = LiveFeed()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        self.feed = LiveFeed()
        registry = CollectorRegistry()
        Counter("patchcord_calls", "calls", registry=registry).inc(self.number)
        app = build_app(
            not_ready=lambda: self.reasons,
            status=lambda: {"live_calls": 1, "database": "up"},
            live=lambda: {"calls": [{"id": f"c{self.number}", "seconds": self.number}]},
            registry=registry,
        )
        add_control(app, self.control, self.feed, TOKEN, beat_s=0.2)
        self._runner = await serve_at(app, self.socket)

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


class Front:
    def __init__(self, workers: list[StandIn]) -> None:
        self.workers = workers
        self.page = FrontPage(lambda: [worker.page for worker in self.workers], TOKEN, lambda: {1: {"app": "patchcord-1"}})
        self.url = ""

    async def ask(self, path: str, **options: Any) -> tuple[int, Any]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path, **options) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if answer.content_type == "application/json" else text


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    workers = [StandIn(number, tmp_path, {f"c{number}"}) for number in (1, 2)]
    for worker in workers:
        await worker.start()
    front = Front(list(workers))
    runner = await serve(front.page.app, 0)
    front.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield front
    finally:
        await front.page.feed.end()
        await runner.cleanup()
        for worker in workers:
            await worker.page.close()
            await worker.stop()


@contextlib.asynccontextmanager
async def mirror(front: Front) -> AsyncIterator[HttpCallControl]:
    """The desk's own reader."""
    control = HttpCallControl(front.url, TOKEN)
    running = asyncio.create_task(control.run())
    try:
        await until(lambda: control.state.connected)
        yield control
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await control.close()


async def until(condition: Callable[[], object], limit_s: float = 5) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.01)


async def test_health_status_live_and_metrics_are_joined(front: Front) -> None:
    answer, health = await front.ask("/healthz")
    assert (answer, health["ready"], health["reasons"], health["workers"]) == (200, True, [], {"1": [], "2": []})
    assert (await front.ask("/live"))[1]["calls"] == [{"id": "c2", "seconds": 2, "worker": 2}, {"id": "c1", "seconds": 1, "worker": 1}]
    _, status = await front.ask("/status")
    assert (status["live_calls"], status["workers"][0]["app"]) == (2, "patchcord-1")
    _, metrics = await front.ask("/metrics")
    assert 'patchcord_calls_total{worker="1"} 1.0\npatchcord_calls_total{worker="2"} 2.0\n' in metrics
    for worker in front.workers:
        worker.reasons.append("no AMI")
    assert (await front.ask("/healthz"))[0] == 503
    await front.workers[0].stop()
    assert (await front.ask("/healthz"))[1]["reasons"] == ["worker 1: the worker does not answer", "worker 2: no AMI"]


async def test_the_sockets_are_for_our_own_user_only(front: Front) -> None:
    for worker in front.workers:
        assert stat.S_IMODE(worker.socket.stat().st_mode) == 0o600


async def test_strange_hosts_and_strangers_are_refused(front: Front) -> None:
    assert (await front.ask("/status", headers={"Host": "desk.example.com"}))[0] == 403
    assert (await front.ask("/control/feed"))[0] == 401
    assert (await front.ask("/control/feed", headers={"Authorization": f"Bearer {TOKEN[1:]}x"}))[0] == 401


async def test_an_action_reaches_the_worker_that_has_the_call(front: Front) -> None:
    control = HttpCallControl(front.url, TOKEN)
    try:
        await control.say("c2", "hello", by="a supervisor")
        await control.say("c1", "hello", by="a supervisor")
        with pytest.raises(NoSuchCall):
            await control.say("c9", "hello", by="a supervisor")
    finally:
        await control.close()
    assert [len(worker.control.done) for worker in front.workers] == [1, 1]


async def test_the_feed_tells_of_the_calls_of_all_workers(front: Front) -> None:
    first, second = front.workers
    first.feed.publish("state", "c1", {"state": "talking"})
    async with mirror(front) as control:
        assert set(control.state.live.calls) == {"c1"}, "the first snapshot is whole"
        second.feed.publish("state", "c2", {"state": "talking", "caller": "1001"})
        await until(lambda: set(control.state.live.calls) == {"c1", "c2"})
        first.feed.publish("ended", "c1", {"outcome": "goodbye", "reason": ""})
        await until(lambda: set(control.state.live.calls) == {"c2"})


async def test_a_reader_goes_on_while_workers_come_and_go(front: Front, tmp_path: Path) -> None:
    first, second = front.workers
    lost: list[str] = []
    async with mirror(front) as control:
        control.watch(lambda change: lost.append(change.kind) if change.kind == "lost" else None)
        first.feed.publish("state", "c1", {"state": "talking"})
        second.feed.publish("state", "c2", {"state": "talking"})
        await until(lambda: set(control.state.live.calls) == {"c1", "c2"})
        await first.stop()
        await until(lambda: set(control.state.live.calls) == {"c2"})
        third = StandIn(3, tmp_path, {"c3"})
        await third.start()
        front.workers = [second, third]
        front.page.feed.workers_changed()
        await until(lambda: third.feed.readers == 1)
        third.feed.publish("state", "c3", {"state": "talking"})
        await until(lambda: set(control.state.live.calls) == {"c2", "c3"})
        front.workers = [third]
        front.page.feed.workers_changed()
        await until(lambda: set(control.state.live.calls) == {"c3"})
        assert not lost, "the desk never lost the feed"
        await third.page.close()
        await third.stop()


async def test_nobody_is_asked_before_somebody_reads(front: Front) -> None:
    await front.ask("/status")
    assert [worker.feed.readers for worker in front.workers] == [0, 0]
