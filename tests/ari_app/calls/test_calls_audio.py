"""The audio of real calls breaks: it is built anew once, and then the caller goes to the queue. Callers are Local channels."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from tests.ari_app.calls.call_rig import Rig, service
from tests.ari_app.calls.pbx_rig import Pbx, pbx, until
from tests.free_ports import free_port

__all__ = ["pbx"]

pytestmark = pytest.mark.e2e


async def _talking(rig: Rig) -> str:
    caller = await rig.dial()
    await rig.until_state("talking")
    await rig.talk(0)
    return caller


async def _kinds(rig: Rig) -> list[str]:
    return [str(event["kind"]) for event in (await rig.call())["events"]]


async def _deafen(rig: Rig) -> None:
    """Asterisk's end of the newest leg is gone: nobody listens where our packets go."""
    actor = rig.manager._directory.actors()[0]
    line = actor.shell.line(actor.machine.stage)
    assert line is not None
    await line.attach("127.0.0.1", free_port())


def _faults(rig: Rig, fault: str) -> float:
    return rig.registry.get_sample_value("patchcord_call_audio_faults_total", {"fault": fault}) or 0.0


async def test_a_line_from_which_nothing_leaves_is_built_anew_and_the_talk_goes_on(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _talking(rig)
        await rig.press(caller, "8")
        await until(lambda: rig.talks[0].digits == ["8"])
        await _deafen(rig)
        second = await rig.talk(1)
        assert second.resume is not None
        assert [turn.text for turn in second.resume.turns] == ["8"]
        await rig.until_state("talking")
        assert _faults(rig, "nothing_sent") == 1
        assert "audio_rebuilt" in await _kinds(rig)
        status = rig.manager.status()
        await until(lambda: (rig.manager.status()["bridges"], rig.manager.status()["media_ports"]) == (1, 1), what=str(status))
        assert len(await rig.ari.list_bridges()) == 1
        await rig.press(caller, "2")
        await rig.until_idle()
        assert (await rig.call())["outcome"] == "goodbye"


async def test_a_line_that_breaks_again_sends_the_caller_to_the_queue_with_a_card(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _talking(rig)
        await _deafen(rig)
        await rig.talk(1)
        await rig.until_state("talking")
        await _deafen(rig)
        await until(lambda: rig.seen("RigQueue"))
        assert rig.seen("RigQueue")[0]["Card"]
        assert (await _kinds(rig)).count("audio_broken") == 1
        await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_no_second_line_to_be_had_means_the_queue_with_a_card(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, ports=2) as rig:  # one line: the second is asked for before the first is back
        caller = await _talking(rig)
        link = rig.manager._media.link
        assert link is not None
        rig.manager._media.link = None
        await _deafen(rig)
        await until(lambda: rig.seen("RigQueue"))
        assert rig.seen("RigQueue")[0]["Card"]
        rig.manager._media.link = link
        await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_a_conversation_that_stands_is_replaced(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _talking(rig)
        await rig.press(caller, "9")  # it takes nothing from here on
        await until(lambda: rig.talks[0].digits == ["9"])
        await rig.press(caller, "8")
        began = time.monotonic()
        second = await rig.talk(1)
        assert time.monotonic() - began < 4
        assert _faults(rig, "conversation_stands") == 1
        await rig.press(caller, "2")
        await until(lambda: second.digits == ["2"])
        await rig.until_idle()


async def test_a_caller_of_whom_nothing_was_ever_heard_gets_a_person(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, not_heard_s=5) as rig:
        caller = await _talking(rig)
        await until(lambda: rig.seen("RigFallback"), 10)
        events = (await rig.call())["events"]
        assert {"cause": "never"} in [event["data"] for event in events if event["kind"] == "caller_not_heard"]
        assert _faults(rig, "not_heard_never") == 1
        assert "handover" in await _kinds(rig)
        await rig.ari.hangup(caller)
        await rig.until_idle()
        assert (await rig.call())["reason"] == "caller_not_heard"


async def test_keys_are_a_sign_of_life(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, not_heard_s=5) as rig:
        caller = await _talking(rig)
        for _ in range(3):
            await asyncio.sleep(3)
            await rig.press(caller, "8")
        assert rig.states() == {"talking": 1}
        await rig.press(caller, "2")
        await rig.until_idle()


async def test_a_media_process_that_stands_is_given_up_in_time(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await _talking(rig)
        pid = rig.media.process.pid
        os.kill(pid, signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            await until(lambda: rig.seen("RigQueue"))
            assert time.monotonic() - stopped < 3.0
        finally:
            os.kill(pid, signal.SIGCONT)
        await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_a_mind_that_is_busy_for_three_seconds_blames_nobody(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, deadman_s=30) as rig:
        caller = await _talking(rig)
        until_s = time.monotonic() + 3.0
        while time.monotonic() < until_s:
            pass
        await asyncio.sleep(2)
        assert rig.states() == {"talking": 1}
        assert not {"audio_rebuilt", "audio_broken", "handover"} & set(await _kinds(rig))
        assert rig.registry.get_sample_value("patchcord_calls_refused_total", {"reason": "overloaded"}) is None
        await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_an_overloaded_worker_takes_no_call_and_soon_takes_them_again(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, deadman_s=30) as rig:
        first = await _talking(rig)
        until_s = time.monotonic() + 3.0
        while time.monotonic() < until_s:
            pass
        await until(lambda: rig.manager._overload.active)
        second = await rig.dial()
        await until(lambda: rig.seen("RigFallback"))
        assert rig.registry.get_sample_value("patchcord_calls_refused_total", {"reason": "overloaded"}) == 1
        await until(lambda: not rig.manager._overload.active, 8)
        third = await rig.dial()
        await rig.until_state("talking", 2)
        for each in (first, second, third):
            await rig.ari.hangup(each)
        await rig.until_idle()
