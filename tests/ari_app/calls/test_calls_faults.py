"""Faults during real calls: nobody is lost, nothing is left."""

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ari_app.calls.conversations import Resume
from tests.ari_app.ami.tcp_relay import relay
from tests.ari_app.ari.test_ari_client import Listener
from tests.ari_app.calls.call_rig import Rig, service
from tests.ari_app.calls.pbx_rig import APP, Pbx, pbx, running, until

__all__ = ["pbx"]

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def quick_pbx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    """One whose dead-man timer fires after two seconds."""
    with running(tmp_path_factory.mktemp("pbx"), deadman_s=2.0) as started:
        yield started


async def _talking(rig: Rig, number: str = "100") -> str:
    caller = await rig.dial(number)
    await rig.until_state("talking")
    return caller


async def test_the_event_stream_breaks_and_the_call_goes_on(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _talking(rig)
        await rig.manager._stream.drop()
        await until(lambda: not rig.manager._stream.connected)
        await until(lambda: rig.manager._stream.connected)
        await asyncio.sleep(0.5)
        assert rig.states() == {"talking": 1}
        await rig.press(caller, "2")
        await rig.until_idle()


async def test_a_hangup_while_the_event_stream_is_down_is_found_out(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _talking(rig)
        await rig.manager._stream.drop()
        await rig.ari.hangup(caller)
        await rig.until_idle()
        assert (await rig.call())["outcome"] == "caller_left"


async def test_the_media_process_dies_and_callers_go_to_the_queue(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _talking(rig)
        rig.media.process.kill()
        died = time.monotonic()
        await until(lambda: rig.seen("RigQueue"))
        assert time.monotonic() - died < 1.5
        assert rig.seen("RigQueue")[0]["Card"]
        assert rig.manager.not_ready() == ["no media process"]
        second = await rig.dial()
        await until(lambda: rig.seen("RigFallback"))
        assert (await rig.call())["events"][0]["data"] == {"reason": "media_down"}
        for each in (caller, second):
            await rig.ari.hangup(each)
        await rig.until_idle()


async def test_the_call_that_is_one_too_many_goes_to_the_fallback(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, max_calls=1) as rig:
        first = await _talking(rig)
        second = await rig.dial()
        await until(lambda: rig.seen("RigFallback"))
        await until(lambda: rig.states() == {"talking": 1, "outside": 1})
        assert rig.registry.get_sample_value("patchcord_calls_refused_total", {"reason": "max_calls"}) == 1
        for each in (first, second):
            await rig.ari.hangup(each)
        await rig.until_idle()


async def test_no_media_port_is_no_lost_caller(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, ports=2) as rig:
        first = await _talking(rig)
        second = await rig.dial()
        await until(lambda: rig.seen("RigFallback"))
        for each in (first, second):
            await rig.ari.hangup(each)
        await rig.until_idle()
        assert {(await rig.call(0))["outcome"], (await rig.call(1))["outcome"]} == {"caller_left", "rescued"}


async def test_a_silent_manager_interface_costs_the_card_and_not_the_caller(pbx: Pbx, tmp_path: Path) -> None:
    async with relay(pbx.ami) as wire:
        pbx.proxied_ami = wire.port
        try:
            async with service(pbx, tmp_path, heartbeat_s=20) as rig:
                caller = await _talking(rig)
                await rig.press(caller, "8")
                wire.freeze()
                ended = time.monotonic()
                talk = await rig.talk(0)
                await until(lambda: talk.digits == ["8"])
                rig.talks[0].line.digit("1")  # type: ignore[attr-defined]  # the keys of this rig go through the frozen wire
                await rig.until_state("outside")
                assert time.monotonic() - ended < 1.5
                assert "card_not_sent" in [event["kind"] for event in (await rig.call())["events"]]
                await rig.ari.hangup(caller)
                await rig.until_idle()
        finally:
            pbx.proxied_ami = 0


async def test_what_a_dead_worker_left_is_reaped(pbx: Pbx, tmp_path: Path) -> None:
    async with pbx.client() as ari:
        dead = Listener(ari)
        await until(lambda: dead.stream.connected)
        orphan = await pbx.dial(ari, "s", context="rig-orphans")
        entered = await dead.caller()
        await ari.external_media(APP, "patchcord-media-orphan", "127.0.0.1:9", "ulaw", "media,orphan")
        await ari.create_bridge("patchcord-bridge-orphan", APP)
        await ari.create_bridge("patchcord-bridge-another", "another-worker")
        await dead.stop()
        async with service(pbx, tmp_path) as rig:
            await until(lambda: rig.seen("RigFallback"))

            async def only_the_caller_is_left() -> bool:
                channels = {channel.id for channel in await ari.list_channels()}
                return channels == {orphan, entered} and [b.id for b in await ari.list_bridges()] == ["patchcord-bridge-another"]

            await until(only_the_caller_is_left)
            await ari.destroy_bridge("patchcord-bridge-another")
            await ari.hangup(orphan)
            await rig.until_idle()


async def test_the_heartbeat_keeps_a_call_and_its_end_frees_it(quick_pbx: Pbx, tmp_path: Path) -> None:
    async with service(quick_pbx, tmp_path, deadman_s=2, heartbeat_s=0.5) as rig:
        caller = await _talking(rig)
        await asyncio.sleep(3)
        assert rig.states() == {"talking": 1}
        died = time.monotonic()
        await rig.die()

        async def rescued() -> bool:
            found = [channel for channel in await rig.ari.list_channels() if channel.context == "patchcord-fallback"]
            return bool(found)

        await until(rescued, 5)
        assert time.monotonic() - died < 3
        await rig.ari.hangup(caller)


async def test_no_late_heartbeat_throws_a_caller_out_of_the_queue(quick_pbx: Pbx, tmp_path: Path) -> None:
    async with service(quick_pbx, tmp_path, deadman_s=2, heartbeat_s=0.5) as rig:
        caller = await _talking(rig)
        await rig.press(caller, "5")
        await rig.until_state("outside")
        await asyncio.sleep(3)
        assert rig.states() == {"outside": 1}
        assert [c.context for c in await rig.ari.list_channels() if c.id == f"{caller}-in"] == ["patchcord-queue"]
        await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_a_caller_who_returns_after_a_restart_is_remembered(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _talking(rig)
        channel = str((await rig.call())["channel"])
        await rig.ami.setvar(channel, "QUEUE_STAY", "60")  # longer than any restart here takes
        await rig.press(caller, "1")
        await rig.until_state("outside")
        records = rig.records
    async with service(pbx, tmp_path, records=records) as rig:
        assert await rig.ami.redirect(channel, "rig-back", "support")
        await rig.until_state("talking")
        resume = (await rig.talk(0)).resume
        assert isinstance(resume, Resume) and [turn.text for turn in resume.turns] == ["1"]
        await rig.press(caller, "6")
        await rig.until_idle()
        assert len(await records.list_calls(10)) == 1
        assert (await rig.call())["outcome"] == "callback"


async def test_draining_takes_no_new_call_and_lets_the_old_one_finish(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        first = await _talking(rig)
        drained = asyncio.create_task(rig.manager.drain())
        await asyncio.sleep(0)
        second = await rig.dial()
        await until(lambda: rig.seen("RigFallback"))
        assert not drained.done() and rig.states()["talking"] == 1
        await rig.press(first, "2")
        async with asyncio.timeout(3):
            await drained
        await rig.ari.hangup(second)
        await rig.until_idle()


async def test_closing_sends_callers_to_the_queue_with_their_card(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _talking(rig)
        await rig.manager.close()
        await until(lambda: rig.seen("RigQueue"))
        assert rig.seen("RigQueue")[0]["Card"]
        await rig.ari.hangup(caller)


async def test_asterisk_restarts_and_the_worker_is_back(tmp_path: Path) -> None:
    with running(tmp_path / "pbx") as own:
        async with service(own, tmp_path) as rig:
            await _talking(rig)
            own.stop()
            own.start()
            returned = time.monotonic()
            await until(lambda: not rig.manager.not_ready(), 5)
            assert time.monotonic() - returned < 5
            await rig.until_idle()
            caller = await _talking(rig)
            await rig.press(caller, "2")
            await rig.until_idle()


async def test_fifty_short_calls_leave_nothing(pbx: Pbx, tmp_path: Path) -> None:
    chance = random.Random(7)

    async def one(rig: Rig) -> None:
        caller = await rig.dial(chance.choice(("100", "101")))
        await asyncio.sleep(chance.choice((0, 0.003, 0.01, 0.03, 0.3, 0.8)))
        await rig.ari.hangup(caller)

    async with service(pbx, tmp_path, ports=40) as rig:
        before = len(asyncio.all_tasks())
        calls = []
        for _ in range(50):
            calls.append(asyncio.create_task(one(rig)))
            await asyncio.sleep(0.06)
        await asyncio.gather(*calls)
        await rig.until_idle()
        await until(lambda: len(asyncio.all_tasks()) <= before)
        link = rig.manager._media.link
        assert link is not None
        assert (await link.status())["ports_used"] == 0
