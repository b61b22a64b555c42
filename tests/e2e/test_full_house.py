"""A call beyond what can be served goes to the queue at once, is never refused, and disturbs nobody."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ari_app.caller.measures import interval_stats
from tests.e2e.crowd import answered_calls, audible_share, audible_since, queue_watch, until
from tests.e2e.instance import Instance
from tests.e2e.people import settled
from tests.e2e.test_database_gone import rows
from tests.free_ports import free_block

PORTS = free_block(40)
LIMITS = {
    "max_calls": {"calls.max_calls": 2},
    "media_ports": {"media.first_port": PORTS, "media.last_port": PORTS + 3},  # even ports only: two of them
    "rtp_ports": {"sip.rtp_first": PORTS + 8, "sip.rtp_last": PORTS + 37},  # 15 pairs: ten kept free, four taken
}


@pytest.fixture(params=sorted(LIMITS))
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Instance]]:
    running = Instance(tmp_path, dict(LIMITS[request.param]))
    running.start()
    yield request.param, running
    running.stop()


async def test_the_call_that_is_too_many_waits_in_the_queue(small: tuple[str, Instance]) -> None:
    limit, instance = small
    served = 2
    async with queue_watch(instance) as queue, answered_calls(instance, ["101", "100"]) as lines:
        await until(lambda: instance.status()["counts"]["calls"].get("talking") == served, 5, "both are served")
        await asyncio.sleep(2.2)  # so that the ports have been counted
        before = len(lines["5550200"].session.log.received)
        async with answered_calls(instance, ["100"], first=5550250) as more:
            await queue.all_entered({"5550250"}, 2)
            await asyncio.sleep(2)
            extra = more["5550250"]
            assert not extra.leg.ended.is_set()
            first = audible_since(extra.session.log.received, extra.invite_ns)
            assert first is not None
            assert (first - extra.invite_ns) / 1e9 < 1.5
            assert audible_share(extra.session.log.received, first) > 0.5
            for line in lines.values():
                assert not line.leg.ended.is_set()
            assert instance.status()["counts"]["calls"]["talking"] == served
            meanwhile = interval_stats(lines["5550200"].session.log.received[before:])
            assert meanwhile.packets > 90
            assert meanwhile.missing == 0
            assert meanwhile.worst_ms < 40
    await settled(instance)
    await until(lambda: not instance.status()["records_pending"], 5, "everything is written")
    events = rows(instance, "SELECT kind, data FROM events JOIN calls ON calls.id = call_id WHERE caller = %s ORDER BY seq", "5550250")
    told = json.dumps(events)
    assert {"max_calls": "max_calls", "media_ports": "media", "rtp_ports": "rtp_ports"}[limit] in told, told
