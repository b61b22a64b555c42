"""The event stream: it comes back by itself, and quickly."""

import time
from pathlib import Path

import pytest

from ari_app.ari.errors import ApplicationTaken
from ari_app.ari.stream import backoff_s
from tests.ari_app.ari.test_ari_client import Listener
from tests.ari_app.calls.pbx_rig import Pbx, pbx, running, until

__all__ = ["pbx"]

pytestmark = pytest.mark.e2e


def test_waits_are_absolute_and_bounded() -> None:
    assert [backoff_s(attempt) for attempt in range(1, 7)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert backoff_s(10_000) == 1.0


async def test_a_dropped_connection_comes_back(pbx: Pbx) -> None:
    async with pbx.client() as client:
        listener = Listener(client)
        await until(lambda: listener.ups == 1)
        await listener.stream.drop()
        await until(lambda: listener.ups == 2, 2)
        assert listener.downs == 1
        await listener.stop()
        assert listener.downs == 2


async def test_back_soon_after_asterisk_is(tmp_path: Path) -> None:
    with running(tmp_path) as own:
        async with own.client() as client:
            listener = Listener(client)
            await until(lambda: listener.ups == 1)
            own.stop()
            await until(lambda: not listener.stream.connected)
            own.start()
            returned = time.monotonic()
            await until(lambda: listener.stream.connected, 5)
            assert time.monotonic() - returned < 2
            await listener.stop()


async def test_a_second_process_with_our_name_is_told_apart(pbx: Pbx) -> None:
    async with pbx.client() as client, pbx.client() as other:
        first = Listener(client)
        await until(lambda: first.stream.connected)
        second = Listener(other)
        with pytest.raises(ApplicationTaken, match=r"asterisk\.app"):
            await first.task
        await second.stop()
