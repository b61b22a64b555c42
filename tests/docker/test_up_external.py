"""``up`` beside an Asterisk that is somebody else's: it answers calls there, leaves it running, and finds it again."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ari_app.caller.calling import dialled
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.user_agent import UserAgent
from tests.docker.admins_asterisk import AdminsAsterisk, running, write_patchcord_d
from tests.e2e.crowd import audible_since, greeted, until
from tests.e2e.instance import Instance
from tests.e2e.people import trunk

pytestmark = pytest.mark.e2e


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[AdminsAsterisk]:
    asterisk = AdminsAsterisk(tmp_path / "theirs")
    asterisk.lay_out()
    write_patchcord_d(asterisk, tmp_path / "data", asterisk.settings())
    asterisk.add_include_lines(("extensions", "queues", "ari", "manager"))
    with running(asterisk):
        yield asterisk


@pytest.fixture
def patchcord(theirs: AdminsAsterisk, tmp_path: Path) -> Iterator[Instance]:
    instance = Instance(tmp_path / "data", theirs.settings())
    try:
        instance.start()
        instance.settle_in()
        yield instance
    finally:
        instance.stop()


async def hears(instance: Instance, number: str, limit_s: float = 5.0) -> bool:
    """Whether a caller of ``number`` is answered and hears something."""
    with RtpThreads() as threads:
        async with await UserAgent.open(trunk(instance)) as agent, dialled(agent, threads, number) as line:
            await asyncio.wait_for(line.leg.answered(), limit_s)
            if number == "500":
                line.session.play(unique_noise(1.0))
            until_s = time.monotonic() + limit_s
            while time.monotonic() < until_s:
                if audible_since(line.session.log.received, line.invite_ns) is not None:
                    return True
                await asyncio.sleep(0.05)
    return False


async def answered_again(instance: Instance, limit_s: float = 20.0) -> None:
    """A call is with the agent. A worker that has just lost its way may still send the first ones to the queue."""
    until_s = time.monotonic() + limit_s
    while True:
        try:
            await greeted(instance, limit_s=5.0)
        except AssertionError:
            if time.monotonic() > until_s:
                raise
        else:
            return


async def waits_in_queue(instance: Instance, theirs: AdminsAsterisk) -> None:
    """A call to the agent's number ends up in the queue, answered, with nobody of ours there."""
    with RtpThreads() as threads:
        async with await UserAgent.open(trunk(instance)) as agent, dialled(agent, threads, "100") as line:
            await asyncio.wait_for(line.leg.answered(), 5)
            await until(lambda: "has 1 calls" in theirs.rx("queue show support"), 5, "the caller waits in the queue")


async def test_calls_are_answered_and_their_asterisk_outlives_us(theirs: AdminsAsterisk, patchcord: Instance) -> None:
    assert theirs.process is not None
    pid = theirs.process.pid
    await answered_again(patchcord)
    assert await hears(patchcord, "500"), "what the admin had before still works"
    assert "asterisk" not in patchcord.refresh()["processes"]
    # It is restarted by its owner: Patchcord finds it again.
    await asyncio.to_thread(theirs.stop)
    await until(lambda: not patchcord.ready(), 10, "the worker says that Asterisk is away")
    await asyncio.to_thread(theirs.start)
    await until(patchcord.ready, 15, "the worker has found it again")
    await answered_again(patchcord)
    assert theirs.process.pid != pid
    pid = theirs.process.pid
    # Patchcord ends: the calls to come are the queue's.
    await asyncio.to_thread(patchcord.stop)
    assert theirs.answers() and theirs.process.poll() is None and theirs.process.pid == pid
    await waits_in_queue(patchcord, theirs)


async def test_a_missing_line_keeps_up_from_starting_and_says_which(tmp_path: Path) -> None:
    asterisk = AdminsAsterisk(tmp_path / "theirs")
    asterisk.lay_out()
    write_patchcord_d(asterisk, tmp_path / "data", asterisk.settings())
    asterisk.add_include_lines(("extensions", "ari", "manager"))
    with running(asterisk):
        instance = Instance(tmp_path / "data", asterisk.settings())
        try:
            with pytest.raises(RuntimeError) as raised:
                await asyncio.to_thread(instance.start)
        finally:
            instance.stop()
        said = str(raised.value)
        assert "up ended with 1" in said and "queues.conf" in said and "Traceback" not in said
        assert asterisk.answers()
