"""The AMI port against a real Asterisk, dead networks included."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ari_app.ami.client import AmiClient
from ari_app.ami.link import AmiLink
from ari_app.ami.port import AmiEvent, AmiInvalid, AmiUnavailable
from tests.ari_app.ami.tcp_relay import relay
from tests.ari_app.calls.pbx_rig import SECRET, Pbx, pbx, until

__all__ = ["pbx"]

pytestmark = pytest.mark.e2e


@contextlib.asynccontextmanager
async def connected(port: int, **options: Any) -> AsyncIterator[AmiClient]:
    ami = AmiClient("127.0.0.1", port, "patchcord", SECRET, **options)
    task = asyncio.create_task(ami.run())
    try:
        await until(lambda: ami.connected)
        yield ami
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_ping_and_queue_status(pbx: Pbx) -> None:
    async with connected(pbx.ami) as ami:
        assert await ami.ping() < 1
        members = [event for event in await ami.queue_status("support") if event["Event"] == "QueueMember"]
        assert [member["Name"] for member in members] == ["Deaf"]
        assert await ami.queue_status("no-such-queue") == []


async def test_setvar_reaches_the_channel(pbx: Pbx) -> None:
    async with connected(pbx.ami) as ami, pbx.client() as ari:
        caller = await pbx.dial(ari, "s", context="patchcord-fallback")
        channel = (await ari.list_channels())[0]
        assert await ami.setvar(channel.name, "__PATCHCORD_CARD", "José/ünïcode")
        assert await ari.get_variable(channel.id, "PATCHCORD_CARD") == "José/ünïcode"
        await ari.hangup(caller)


async def test_a_channel_that_is_gone_is_a_plain_no(pbx: Pbx) -> None:
    async with connected(pbx.ami) as ami:
        assert not await ami.setvar("PJSIP/gone-00000001", "X", "1")
        assert not await ami.redirect("PJSIP/gone-00000001", "patchcord-fallback", "s")
        assert not await ami.mixmonitor("PJSIP/gone-00000001", "", "r(/tmp/none.wav)")


@pytest.mark.parametrize("value", ["x\r\nAction: Originate", "x\ny", "x\ry", "x\x00y", "x\x85y"])
async def test_a_value_cannot_become_a_second_action(pbx: Pbx, value: str) -> None:
    async with relay(pbx.ami) as wire, connected(wire.port) as ami:
        for attempt in (ami.setvar(value, "A", "b"), ami.setvar("c", value, "b"), ami.setvar("c", "A", value), ami.queue_status(value)):
            with pytest.raises(AmiInvalid):
                await attempt
        assert b"Setvar" not in wire.sent


async def test_events_come_also_after_a_reconnect(pbx: Pbx) -> None:
    seen: list[AmiEvent] = []
    async with relay(pbx.ami) as wire, connected(wire.port, events="user") as ami, pbx.client() as ari:
        ami.on_event("UserEvent", seen.append)
        wire.cut()
        await until(lambda: wire.connections == 2 and ami.connected)
        caller = await pbx.dial(ari, "s", context="patchcord-fallback")
        await until(lambda: any(event["UserEvent"] == "RigFallback" for event in seen))
        await ari.hangup(caller)


async def test_a_callback_that_fails_harms_nobody(pbx: Pbx) -> None:
    async with connected(pbx.ami, events="user") as ami, pbx.client() as ari:
        seen: list[AmiEvent] = []

        def broken(_: AmiEvent) -> None:
            raise ZeroDivisionError

        ami.on_event("UserEvent", broken)
        ami.on_event("UserEvent", seen.append)
        caller = await pbx.dial(ari, "s", context="patchcord-fallback")
        await until(lambda: seen)
        assert ami.connected
        await ari.hangup(caller)


async def test_a_dead_peer_is_noticed_and_replaced(pbx: Pbx) -> None:
    async with relay(pbx.ami) as wire, connected(wire.port, ping_every_s=0.2, ping_timeout_s=0.3) as ami:
        wire.freeze()
        frozen = time.monotonic()
        await until(lambda: not ami.connected, 2)
        assert time.monotonic() - frozen < 1.0
        wire.thaw()
        await until(lambda: ami.connected, 5)
        assert await ami.ping() < 1


async def test_an_unanswered_action_is_not_sent_again(pbx: Pbx) -> None:
    async with relay(pbx.ami) as wire, connected(wire.port, timeout_s=0.3, ping_every_s=0.2, ping_timeout_s=0.3) as ami:
        wire.freeze()
        with pytest.raises(AmiUnavailable):
            await ami.redirect("Local/nobody", "patchcord-fallback", "s")
        await until(lambda: not ami.connected, 2)
        wire.cut()
        wire.thaw()
        await until(lambda: ami.connected, 5)
        assert await ami.ping() < 1
        assert wire.sent.count(b"Action: Redirect") <= 1


async def test_a_wrong_password_names_the_remedy(pbx: Pbx, caplog: pytest.LogCaptureFixture) -> None:
    ami = AmiClient("127.0.0.1", pbx.ami, "patchcord", "wrong")
    task = asyncio.create_task(ami.run())
    await until(lambda: any("manager.conf" in str(getattr(record, "error", "")) for record in caplog.records))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not ami.connected
    with pytest.raises(AmiUnavailable, match="not connected"):
        await ami.ping()


async def test_nobody_listening_is_tried_again_quietly() -> None:
    ami = AmiClient("127.0.0.1", 1, "patchcord", SECRET)
    task = asyncio.create_task(ami.run())
    await asyncio.sleep(0.3)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_refused_list_is_answered_at_once(pbx: Pbx) -> None:
    link = AmiLink(lambda _: None)
    await link.open("127.0.0.1", pbx.ami, "patchcord", SECRET, "off", 5)
    try:
        async with asyncio.timeout(10):
            refused = await link.send({"Action": "PJSIPShowEndpoint", "Endpoint": "nobody"}, timeout_s=120, as_list=True)
            whole = await link.send({"Action": "QueueStatus"}, timeout_s=120, as_list=True)
        assert [message["Response"] for message in refused] == ["Error"]
        assert whole[-1]["Event"] == "QueueStatusComplete"
    finally:
        link.abort()
