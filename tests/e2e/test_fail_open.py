"""What fails around a call, and what becomes of the caller: real calls over SIP to an instance of their own."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ari_app.caller.calling import Manner
from ari_app.caller.measures import interval_stats
from ari_app.caller.rtp_session import Misbehaviour
from tests.e2e.crowd import answered_calls, audible_share, queue_watch, until
from tests.e2e.hold import reinvite
from tests.e2e.instance import Instance
from tests.e2e.people import settled
from tests.e2e.side_by_side import callers, histories

ROOM = 3
STOPPED = "nothing comes from the caller's telephone"
HOLD = "the caller holds the call"


@pytest.fixture(scope="module")
def room_for_three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Holds three calls at once, and has little patience with callers of whom nothing comes."""
    running = Instance(tmp_path_factory.mktemp("open"), {"calls.max_calls": ROOM, "calls.not_heard_s": 5, "calls.silent_s": 10})
    running.start()
    running.settle_in()
    yield running
    running.stop()


def heard_events(instance: Instance, caller: str) -> list[tuple[str, dict[str, Any]]]:
    call = histories(instance, [caller])[caller]
    return [(event["kind"], event["data"]) for event in call["events"]]


def audio_of(instance: Instance, caller: str) -> str:
    """Why the caller cannot be heard now, as a screen shows it; empty when they can."""
    return next(str(call["audio"]) for call in instance.get("/live")["calls"] if call["caller"] == caller)


async def shown(instance: Instance, caller: str, audio: str, limit_s: float = 4) -> None:
    await until(lambda: audio_of(instance, caller) == audio, limit_s, f"{audio or 'all is well'} with {caller}")


async def test_the_excess_is_shed_exactly_and_the_others_keep_their_pace(room_for_three: Instance) -> None:
    instance, offered = room_for_three, 7
    async with queue_watch(instance) as queue, answered_calls(instance, ["101"] * ROOM, first=5550500) as lines:
        await until(lambda: instance.status()["counts"]["calls"].get("talking") == ROOM, 5, "all with the echo")
        before = {caller: len(line.session.log.received) for caller, line in lines.items()}
        excess = {str(5550520 + index) for index in range(offered - ROOM)}
        async with answered_calls(instance, ["100"] * len(excess), first=5550520) as more:
            await queue.all_entered(excess, 4)
            await asyncio.sleep(1.5)
            assert instance.status()["counts"]["calls"]["talking"] == ROOM
            assert queue.waiting == excess
            for caller, line in more.items():
                assert not line.leg.ended.is_set()
                assert audible_share(line.session.log.received, round(queue.entered[caller] * 1e9) + 300_000_000) > 0.5
            for caller, line in lines.items():
                meanwhile = interval_stats(line.session.log.received[before[caller] :])
                assert meanwhile.missing == 0
                assert meanwhile.packets > 60
    await settled(instance)


async def test_maintenance_sends_new_calls_to_the_queue_and_outlives_asterisk(room_for_three: Instance) -> None:
    instance = room_for_three
    async with queue_watch(instance) as queue, answered_calls(instance, ["101"], first=5550530) as old:
        said = await asyncio.to_thread(instance.cli, "maintenance", "on", "--reason", "new trunk")
        assert "go on: 1." in said
        assert instance.get("/healthz") | {"ready": True, "maintenance": True} == instance.get("/healthz")
        assert instance.status()["maintenance"]["reason"] == "new trunk"
        async with answered_calls(instance, ["100"], first=5550531):
            await queue.all_entered({"5550531"}, 3)
            assert not next(iter(old.values())).leg.ended.is_set()
    await settled(instance)
    instance.kill("asterisk")
    await until(lambda: instance.ready() and instance.status()["maintenance"]["in_dialplan"], 20, "Asterisk is back and knows")
    async with queue_watch(instance) as queue, answered_calls(instance, ["100"], first=5550532):
        await queue.all_entered({"5550532"}, 3)
    await settled(instance)
    assert "Maintenance is on" in await asyncio.to_thread(instance.cli, "maintenance", "status")
    await asyncio.to_thread(instance.cli, "maintenance", "off")
    assert json.loads(await asyncio.to_thread(instance.cli, "maintenance", "status", "--json"))["on"] is False
    async with answered_calls(instance, ["100"], first=5550533):
        await until(lambda: instance.status()["counts"]["calls"].get("talking") == 1, 3, "the agent answers again")
    await settled(instance)


async def test_a_caller_who_falls_silent_is_noticed_and_heard_again(room_for_three: Instance) -> None:
    async with answered_calls(room_for_three, ["100"], first=5550540) as lines:
        line = lines["5550540"]
        await asyncio.sleep(1.5)
        line.session.muted = True
        await shown(room_for_three, "5550540", STOPPED)
        line.session.muted = False
        await shown(room_for_three, "5550540", "")
    await settled(room_for_three)
    kinds = dict(heard_events(room_for_three, "5550540"))
    assert kinds["caller_not_heard"] == {"cause": "stopped"}
    assert kinds["caller_heard_again"]["cause"] == "stopped"


async def test_a_caller_who_stays_silent_is_let_go(room_for_three: Instance) -> None:
    async with answered_calls(room_for_three, ["100"], first=5550545) as lines:
        line = lines["5550545"]
        await asyncio.sleep(1.5)
        line.session.muted = True
        await until(line.leg.ended.is_set, 16, "the agent ends the call")
    await settled(room_for_three)
    assert ("caller_silent", {}) in heard_events(room_for_three, "5550545")


async def test_a_caller_of_whom_nothing_ever_comes_gets_a_person(room_for_three: Instance) -> None:
    unheard = Manner(misbehaviour=Misbehaviour(loss=1.0))
    async with (
        queue_watch(room_for_three) as queue,
        callers(room_for_three) as people,
        people.line("100", caller_id="5550550", manner=unheard) as line,
    ):
        await line.leg.answered()
        await queue.all_entered({"5550550"}, 14)
        assert not line.leg.ended.is_set()
    await settled(room_for_three)


async def test_a_caller_who_holds_the_call_is_waited_for(room_for_three: Instance) -> None:
    async with answered_calls(room_for_three, ["100"], first=5550560) as lines:
        line = lines["5550560"]
        await asyncio.sleep(1.0)
        line.session.muted = True
        await reinvite(line, "sendonly")
        await shown(room_for_three, "5550560", HOLD)
        await asyncio.sleep(11)  # longer than calls.silent_s
        assert not line.leg.ended.is_set()
        await reinvite(line, "sendrecv")
        line.session.muted = False
        await shown(room_for_three, "5550560", "")
    await settled(room_for_three)
    assert ("caller_not_heard", {"cause": "hold"}) in heard_events(room_for_three, "5550560")
