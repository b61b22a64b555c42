"""Several workers at one Asterisk: calls spread evenly, one that dies costs its own calls only, one comes and goes while calls go on."""

import asyncio
import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ari_app.caller.measures import interval_stats
from tests.e2e.crowd import answered_calls, queue_watch, until
from tests.e2e.figures import spread, tell
from tests.e2e.instance import Instance
from tests.e2e.people import settled

WORKERS = 3
RESCUE_S = 8.0


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance(tmp_path_factory.mktemp("crew"), {"service.workers": WORKERS})
    running.start()
    yield running
    running.stop()


def answering(instance: Instance) -> list[int]:
    """Numbers of the workers that answer calls."""
    return [worker["worker"] for worker in instance.status()["workers"] if worker["ready"]]


def worker_of(instance: Instance) -> dict[str, int]:
    """The worker's number by caller."""
    return {call["caller"]: call["worker"] for call in instance.get("/live")["calls"]}


def feed_snapshot(instance: Instance) -> list[dict[str, Any]]:
    """The calls in the first line of the control feed."""
    token = json.loads((instance.data / "run" / "mind.json").read_text())["control_token"]
    request = urllib.request.Request(
        f"http://127.0.0.1:{instance.state['http_port']}/control/feed", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own page
        return list(json.loads(answer.readline())["calls"])


async def all_answer(instance: Instance, numbers: list[int]) -> None:
    await until(lambda: answering(instance) == numbers, 240, f"the workers {numbers} answer calls")
    await asyncio.sleep(1.5)  # so that the dialplan has been told


async def test_calls_spread_evenly_and_a_death_costs_only_its_own(crew: Instance, record_property: Callable[[str, object], None]) -> None:
    await all_answer(crew, [1, 2, 3])
    async with queue_watch(crew) as queue, answered_calls(crew, ["101"] * 6) as lines:
        await until(lambda: len(worker_of(crew)) == len(lines), 5, "all calls are live")
        served = worker_of(crew)
        assert Counter(served.values()) == {1: 2, 2: 2, 3: 2}
        shown = {call["facts"]["caller"] for call in await asyncio.to_thread(feed_snapshot, crew)}
        assert shown == set(lines), "the feed shows the calls of all workers"
        theirs = {caller for caller, worker in served.items() if worker == 2}
        marks = {caller: len(line.session.log.received) for caller, line in lines.items()}
        crew.kill("mind-2")
        killed = time.monotonic()
        await queue.all_entered(theirs, RESCUE_S)
        await asyncio.sleep(1.0)
        assert queue.waiting == theirs
        for caller in set(lines) - theirs:
            assert not lines[caller].leg.ended.is_set()
            meanwhile = interval_stats(lines[caller].session.log.received[marks[caller] :])
            assert meanwhile.missing == 0
            assert meanwhile.worst_ms < 200, f"caller {caller} of another worker was disturbed"
        assert all(not line.leg.ended.is_set() for line in lines.values())
        tell(record_property, "worker_killed", queue=spread([queue.entered[caller] - killed for caller in theirs]))
        await all_answer(crew, [1, 2, 3])
    await settled(crew, 10)


async def test_a_worker_is_added_and_removed_while_calls_go_on(crew: Instance) -> None:
    await all_answer(crew, [1, 2, 3])
    async with answered_calls(crew, ["101"] * 3) as lines:
        assert await asyncio.to_thread(crew.cli, "workers", "add") == "worker 4 starts\nworker 4 answers calls\n"
        async with answered_calls(crew, ["101"] * 4, first=5550250) as more:
            await until(lambda: len(worker_of(crew)) == 7, 5, "all calls are live")
            served = worker_of(crew)
            assert {served[caller] for caller in more} == {1, 2, 3, 4}
            left = next(caller for caller in lines if served[caller] == 1)
            removing = asyncio.create_task(asyncio.to_thread(crew.cli, "workers", "remove", "1"))
            await until(lambda: answering(crew) == [2, 3, 4], 40, "worker 1 takes no calls")
            await asyncio.sleep(2)
            assert not removing.done(), "it waits for its calls"
            assert worker_of(crew)[left] == 1
            async with answered_calls(crew, ["101"] * 3, first=5550270) as newest:
                await until(lambda: set(newest) <= set(worker_of(crew)), 5, "the newest calls are live")
                assert {worker_of(crew)[caller] for caller in newest} == {2, 3, 4}
            assert not [line for line in [*lines.values(), *more.values()] if line.leg.ended.is_set()]
    said = await removing
    assert "worker 1 finishes 2 calls" in said
    assert said.endswith("worker 1 has ended\n")
    assert answering(crew) == [2, 3, 4]
    await settled(crew)


async def test_a_full_worker_sends_callers_to_the_next(tmp_path_factory: pytest.TempPathFactory) -> None:
    small = Instance(tmp_path_factory.mktemp("small"), {"service.workers": 2, "calls.max_calls": 2})
    try:
        await asyncio.to_thread(small.start)
        await all_answer(small, [1, 2])
        async with queue_watch(small) as queue, answered_calls(small, ["101"] * 4):
            await until(lambda: small.status()["counts"]["calls"].get("talking") == 4, 5, "all four are served")
            async with answered_calls(small, ["101"], first=5550250):
                await queue.all_entered({"5550250"}, 2)
                assert small.status()["counts"]["calls"]["talking"] == 4
                callers = [call["caller"] for call in small.get("/live")["calls"]]
                assert callers.count("5550250") == 1, "the call that all refused is shown once"
        await settled(small, 10)
    finally:
        small.stop()
