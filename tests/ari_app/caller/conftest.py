"""One Asterisk for all tests of the caller."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from ari_app.caller.rtp_threads import RtpThreads
from tests.ari_app.caller import sip_rig


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rig(runtime_dir: Path) -> AsyncIterator[sip_rig.Rig]:
    async with sip_rig.running(runtime_dir) as running:
        yield running


@pytest.fixture
def threads() -> Iterator[RtpThreads]:
    with RtpThreads() as both:
        yield both
