"""A worker is replaced with callers on the line: none is lost, none hears silence; who talks on beyond the limit waits for a person."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ari_app.caller.packet_log import Received
from tests.e2e.crowd import answered_calls, greeted, queue_watch, until
from tests.e2e.figures import tell
from tests.e2e.instance import Instance
from tests.e2e.people import settled
from tests.e2e.test_workers import answering, worker_of

SILENT_S = 1.0
DRAIN_S = 30


@pytest.fixture
def replaceable(tmp_path: Path) -> Iterator[Instance]:
    running = Instance(tmp_path, {"service.drain_s": DRAIN_S})
    running.start()
    yield running
    running.stop()


def longest_gap_s(received: list[Received]) -> float:
    """Between two packets with sound."""
    times = [packet.at_ns for packet in received if packet.is_audio]
    return max((later - earlier for earlier, later in pairwise(times)), default=0) / 1e9


async def test_callers_do_not_notice(replaceable: Instance, record_property: Callable[[str, object], None]) -> None:
    instance = replaceable
    async with queue_watch(instance) as queue, answered_calls(instance, ["101"] * 2) as staying:
        async with answered_calls(instance, ["101"] * 3, first=5550250) as ending:
            await until(lambda: len(worker_of(instance)) == 5, 10, "all calls are live")
            before = instance.refresh()["processes"]
            restarting = asyncio.create_task(asyncio.to_thread(instance.cli, "workers", "restart", "--rolling", timeout_s=400))
            await until(lambda: answering(instance) == [2], 200, "the new worker alone takes calls")
            assert set(worker_of(instance).values()) == {1}, "the calls stay where they are"
            assert await greeted(instance) < 3
            assert not [line for line in [*staying.values(), *ending.values()] if line.leg.ended.is_set()]
            gaps = [longest_gap_s(line.session.log.received) for line in ending.values()]
        await queue.all_entered(set(staying), DRAIN_S + 10)
        said = await restarting
        await asyncio.sleep(1.5)
        assert not [line for line in staying.values() if line.leg.ended.is_set()]
        gaps += [longest_gap_s(line.session.log.received) for line in staying.values()]
    assert "worker 1 finishes 5 calls" in said, said
    assert said.endswith("worker 1 has ended\n")
    assert max(gaps) < SILENT_S, gaps
    tell(record_property, "rolling_restart", calls=len(gaps), longest_gap_s=round(max(gaps), 3))
    after = instance.refresh()["processes"]
    assert not {before["mind"], before["media"]} & set(after.values())
    assert {"mind-2", "media-2"} <= set(after)
    await settled(instance, 10)
    await greeted(instance)
