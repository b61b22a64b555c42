"""A process of the worker stops without dying: its callers reach the queue, and it is replaced."""

import asyncio
import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.e2e.crowd import answered_calls, audible_share, greeted, queue_watch, until
from tests.e2e.figures import spread, tell
from tests.e2e.instance import Instance
from tests.e2e.people import settled

RESCUE_S = 8.0
BACK_S = 20.0


@pytest.mark.parametrize("process", ["mind", "media"])
async def test_callers_reach_the_queue_and_the_process_is_replaced(
    sturdy: Instance, process: str, record_property: Callable[[str, object], None]
) -> None:
    pid = sturdy.pid(process)
    async with queue_watch(sturdy) as queue, answered_calls(sturdy, ["100", "101"]) as lines:
        await asyncio.sleep(1.2)  # so that it has been seen to work
        os.kill(pid, signal.SIGSTOP)
        stopped = time.monotonic()
        await queue.all_entered(set(lines), RESCUE_S)
        await asyncio.sleep(1)
        for caller, line in lines.items():
            assert not line.leg.ended.is_set(), f"caller {caller} was lost"
            assert audible_share(line.session.log.received, round(queue.entered[caller] * 1e9) + 300_000_000) > 0.5
        await until(lambda: sturdy.pid(process) != pid and sturdy.ready(), BACK_S, "it is replaced")
        back_s = time.monotonic() - stopped
        await greeted(sturdy)
        assert queue.waiting >= set(lines), "the callers were taken out of the queue again"
        tell(
            record_property,
            f"{process}_hangs",
            queue=spread([queue.entered[caller] - stopped for caller in lines]),
            back_s=round(back_s, 2),
        )
    await settled(sturdy, 2.5)
