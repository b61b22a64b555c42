"""More calls than there is room for: exactly the excess goes on, at once, and those with the agent do not notice."""

import asyncio
import time
from pathlib import Path

import pytest

from ari_app.settings import NumberSettings
from tests.ari_app.calls.call_rig import Rig, service
from tests.ari_app.calls.pbx_rig import Pbx, pbx, until

__all__ = ["pbx"]

pytestmark = pytest.mark.e2e

ROOM, OFFERED = 4, 10


async def _offer(rig: Rig, per_second: float | None) -> list[str]:
    """``per_second`` None: all at the same moment."""
    if per_second is None:
        return list(await asyncio.gather(*(rig.dial() for _ in range(OFFERED))))
    began, callers = time.monotonic(), []
    for index in range(OFFERED):
        await asyncio.sleep(max(0.0, began + index / per_second - time.monotonic()))
        callers.append(await rig.dial())
    return callers


async def _shed_exactly(rig: Rig, reason: str, callers: list[str]) -> None:
    await until(lambda: len(rig.seen("RigFallback")) == OFFERED - ROOM, what="the excess is sent on")
    await rig.until_state("talking", ROOM)
    await rig.until_state("outside", OFFERED - ROOM)
    assert rig.states() == {"talking": ROOM, "outside": OFFERED - ROOM}
    assert rig.registry.get_sample_value("patchcord_calls_refused_total", {"reason": reason}) == OFFERED - ROOM
    status = rig.manager.status()
    assert (status["bridges"], status["media_ports"]) == (ROOM, ROOM)
    # Nobody is half served: who was refused was not answered, and has no leg.
    channels = {channel.id: channel for channel in await rig.ari.list_channels()}
    waiting = [channel for channel in channels.values() if channel.context == "patchcord-fallback"]
    assert len(waiting) == OFFERED - ROOM
    assert {channel.state for channel in waiting} == {"Ring"}
    assert sum(channel.technology == "UnicastRTP" for channel in channels.values()) == ROOM
    for caller in callers:
        await rig.ari.hangup(caller)
    await rig.until_idle()
    assert rig.registry.get_sample_value("patchcord_call_faults_total", {"kind": "rescued"}) is None


@pytest.mark.parametrize("per_second", [None, 10.0], ids=["at once", "10 a second"])
async def test_exactly_the_excess_over_the_worker_is_sent_on(pbx: Pbx, tmp_path: Path, per_second: float | None) -> None:
    async with service(pbx, tmp_path, max_calls=ROOM, ports=2 * OFFERED) as rig:
        await _shed_exactly(rig, "max_calls", await _offer(rig, per_second))


@pytest.mark.parametrize("per_second", [None, 10.0], ids=["at once", "10 a second"])
async def test_exactly_the_excess_over_a_number_is_sent_on(pbx: Pbx, tmp_path: Path, per_second: float | None) -> None:
    async with service(pbx, tmp_path, ports=2 * OFFERED) as rig:
        rig.manager._settings.numbers["100"] = NumberSettings(max_calls=ROOM)
        await _shed_exactly(rig, "number_full", await _offer(rig, per_second))


async def test_without_a_media_port_the_excess_is_sent_on_too(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, ports=2 * ROOM) as rig:
        callers = await _offer(rig, None)
        await until(lambda: len(rig.seen("RigFallback")) == OFFERED - ROOM)
        await rig.until_state("talking", ROOM)
        for caller in callers:
            await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_a_place_that_becomes_free_is_given_to_the_next_caller(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path, max_calls=ROOM, ports=2 * OFFERED) as rig:
        callers = await _offer(rig, None)
        await until(lambda: len(rig.seen("RigFallback")) == OFFERED - ROOM)
        talking = {actor.record.facts.channel_id.removesuffix("-in") for actor in rig.manager._directory.actors() if actor.with_agent}
        assert len(talking) == ROOM
        await rig.ari.hangup(talking.pop())
        await until(lambda: rig.states() == {"talking": ROOM - 1, "outside": OFFERED - ROOM})
        callers += [await rig.dial()]
        await rig.until_state("talking", ROOM)
        for caller in callers:
            await rig.ari.hangup(caller)
        await rig.until_idle()


async def test_maintenance_refuses_new_calls_lets_old_ones_go_on_and_ends_at_once(pbx: Pbx, tmp_path: Path) -> None:
    maintenance: list[str] = []
    async with service(pbx, tmp_path, maintenance=lambda: bool(maintenance)) as rig:
        first = await rig.dial()
        await rig.until_state("talking")
        maintenance.append("on")
        second = await rig.dial()
        await until(lambda: rig.seen("RigFallback"))
        await until(lambda: rig.states() == {"talking": 1, "outside": 1})
        maintenance.clear()
        third = await rig.dial()
        await rig.until_state("talking", 2)
        for caller in (first, second, third):
            await rig.ari.hangup(caller)
        await rig.until_idle()
