"""The mind stops without dying, as under a debugger or a page storm: the dialplan's own timer takes the callers away from it."""

import asyncio
import os
import signal
import time
from collections.abc import Callable

from tests.e2e.crowd import answered_calls, audible_share, queue_watch, until
from tests.e2e.figures import spread, tell
from tests.e2e.instance import Instance
from tests.e2e.people import settled

RESCUE_S = 8.0


async def test_callers_of_a_mind_that_hangs_reach_the_queue(sturdy: Instance, record_property: Callable[[str, object], None]) -> None:
    pid = sturdy.pid("mind")
    async with queue_watch(sturdy) as queue, answered_calls(sturdy, ["100", "101"]) as lines:
        await asyncio.sleep(1)
        os.kill(pid, signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            await queue.all_entered(set(lines), RESCUE_S)
            await asyncio.sleep(1)
            for caller, line in lines.items():
                assert not line.leg.ended.is_set(), f"caller {caller} was lost"
                assert audible_share(line.session.log.received, round(queue.entered[caller] * 1e9) + 300_000_000) > 0.5
        finally:
            os.kill(pid, signal.SIGCONT)
        tell(record_property, "mind_hangs", queue=spread([queue.entered[caller] - stopped for caller in lines]))
        await until(sturdy.ready, 5, "the service is ready again")
        await asyncio.sleep(1)
        assert queue.waiting == set(lines), "the callers were taken out of the queue again"
    await settled(sturdy)
