"""An Asterisk that stands without dying: the watch over SIP ends it, and calls are answered again."""

import asyncio
import os
import signal

from tests.e2e.crowd import greeted, until
from tests.e2e.instance import Instance
from tests.e2e.people import settled

BACK_S = 40.0


async def test_an_asterisk_that_stands_is_started_again(sturdy: Instance) -> None:
    await asyncio.sleep(2.5)  # so that SIP has been answered once
    pid = sturdy.pid("asterisk")
    os.kill(pid, signal.SIGSTOP)
    await until(
        lambda: any("does not answer SIP" in reason for reason in sturdy.get("/healthz")["reasons"]), BACK_S, "the reason is in /healthz"
    )
    await until(lambda: sturdy.pid("asterisk") != pid and sturdy.ready(), BACK_S, "it is replaced")
    await greeted(sturdy)
    assert "sip_stands" in (sturdy.data / "logs" / "supervisor.log").read_text()
    await settled(sturdy, 2.5)
