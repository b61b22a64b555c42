"""Asterisk is killed with calls on the line. Those calls are over; everything else is back by itself."""

import time
from collections.abc import Callable

from tests.e2e.crowd import answered_calls, audible_since, greeted, until
from tests.e2e.figures import tell
from tests.e2e.instance import Instance
from tests.e2e.people import settled
from tests.e2e.test_database_gone import without_end

BACK_S = 5.0


async def test_the_worker_comes_back_with_asterisk(sturdy: Instance, record_property: Callable[[str, object], None]) -> None:
    async with answered_calls(sturdy, ["100", "101", "200"]) as lines:
        talking = lines["5550200"]
        await until(lambda: audible_since(talking.session.log.received, talking.invite_ns), 3, "the agent greets")
        old = sturdy.kill("asterisk")
        killed = time.monotonic()
        await until(lambda: sturdy.pid("asterisk") != old and sturdy.ari("/asterisk/info"), 10, "the supervisor has started Asterisk again")
        returned = time.monotonic()
        await until(sturdy.ready, BACK_S, "the worker is connected again")
        ready = time.monotonic()
        greeting_s = await greeted(sturdy)
        assert time.monotonic() - returned < BACK_S
    tell(
        record_property,
        "asterisk_killed",
        asterisk_s=round(returned - killed, 2),
        worker_s=round(ready - returned, 2),
        greeting_s=round(greeting_s, 2),
    )
    await settled(sturdy)
    await until(lambda: not without_end(sturdy), 12, "every call has an end in the records")
