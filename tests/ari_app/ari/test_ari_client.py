"""REST against a real Asterisk: what is gone is an answer, what fails says how to mend it."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriRefused, AriUnavailable, Gone
from ari_app.ari.events import ChannelDtmfReceived, Event, PlaybackFinished, StasisStart
from ari_app.ari.stream import AriStream
from tests.ari_app.calls.pbx_rig import APP, Pbx, pbx, until
from tests.free_ports import free_port

__all__ = ["pbx"]

pytestmark = pytest.mark.e2e


class Listener:
    def __init__(self, client: AriClient, app: str = APP) -> None:
        self.events: list[Event] = []
        self.ups = self.downs = 0
        self.stream = AriStream(client, app, on_event=self.events.append, on_connected=self._up, on_disconnected=self._down)
        self.task = asyncio.create_task(self.stream.run())

    def _up(self) -> None:
        self.ups += 1

    def _down(self) -> None:
        self.downs += 1

    def start(self) -> StasisStart | None:
        return next((event for event in self.events if isinstance(event, StasisStart)), None)

    async def caller(self) -> str:
        await until(self.start)
        found = self.start()
        assert found is not None
        return found.channel.id

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def ari(pbx: Pbx) -> AsyncIterator[AriClient]:
    async with pbx.client() as client:
        yield client


@pytest.fixture
async def listener(ari: AriClient) -> AsyncIterator[Listener]:
    listening = Listener(ari)
    await until(lambda: listening.stream.connected)
    yield listening
    await listening.stop()


async def test_a_call_with_a_media_leg(pbx: Pbx, ari: AriClient, listener: Listener) -> None:
    mine = await pbx.dial(ari)
    caller = await listener.caller()
    assert listener.start().args[:3] == ("call", "front-desk", "100")  # type: ignore[union-attr]
    assert await ari.answer(caller) is True
    leg = await ari.external_media(APP, "patchcord-media-t1", "127.0.0.1:9", "alaw", "media,t1")
    assert not isinstance(leg, Gone) and pbx.rtp_first <= leg.port <= pbx.rtp_last
    bridge = await ari.create_bridge("patchcord-bridge-t1", APP)
    assert bridge and bridge.name == APP
    await until(lambda: any(isinstance(e, StasisStart) and e.args == ("media", "t1") for e in listener.events))
    assert await ari.add_to_bridge("patchcord-bridge-t1", caller, "patchcord-media-t1") is True

    async def both() -> bool:
        found = await ari.get_bridge("patchcord-bridge-t1")
        return bool(found) and set(found.channels) == {caller, "patchcord-media-t1"}  # type: ignore[union-attr]

    await until(both)
    application = await ari.application(APP)
    assert application and {caller, "patchcord-media-t1"} <= application.channels and "patchcord-bridge-t1" in application.bridges
    assert await ari.hangup("patchcord-media-t1") is True
    assert await ari.destroy_bridge("patchcord-bridge-t1") is True
    assert await ari.hangup(mine) is True


async def test_play_and_originate(pbx: Pbx, ari: AriClient, listener: Listener) -> None:
    made = await ari.originate("Local/person@rig-people/n", APP, "outbound,x", "rig-out", timeout_s=5)
    assert made and made.id == "rig-out"
    await listener.caller()
    assert await ari.play("rig-out", "sound:silence/1", "rig-play") is True
    await ari.hangup("rig-out")
    await until(lambda: any(isinstance(event, PlaybackFinished) and event.playback_id == "rig-play" for event in listener.events))


async def test_everything_about_what_is_gone_is_an_answer(ari: AriClient, listener: Listener) -> None:
    nobody = "nobody-1"
    answers = [
        await ari.answer(nobody),
        await ari.hangup(nobody),
        await ari.continue_in_dialplan(nobody, "patchcord-fallback", "s"),
        await ari.get_channel(nobody),
        await ari.get_variable(nobody, "X"),
        await ari.play(nobody, "sound:x", "p"),
        await ari.add_to_bridge(nobody, nobody),
        await ari.destroy_bridge(nobody),
        await ari.get_bridge(nobody),
        await ari.application("no-such-app"),
        await ari.subscribe_channel(APP, nobody),
    ]
    assert [answer for answer in answers if not isinstance(answer, Gone)] == []


async def test_a_channel_outside_our_application_is_gone_for_us(pbx: Pbx, ari: AriClient, listener: Listener) -> None:
    mine = await pbx.dial(ari, "s", context="patchcord-fallback")
    await until(lambda: _in_dialplan(ari, mine))
    answer = await ari.continue_in_dialplan(f"{mine}-in", "patchcord-fallback", "s")
    assert isinstance(answer, Gone) and answer.status in (409, 422)
    await ari.hangup(mine)


async def _in_dialplan(ari: AriClient, mine: str) -> bool:
    return bool(await ari.get_channel(f"{mine}-in"))


async def test_a_wrong_password_names_the_remedy(pbx: Pbx) -> None:
    async with AriClient(pbx.url, "patchcord", "wrong") as client:
        with pytest.raises(AriRefused, match=r"ari\.conf"):
            await client.list_channels()


async def test_no_asterisk_names_the_remedy() -> None:
    async with AriClient(f"http://127.0.0.1:{free_port()}/ari", "patchcord", "x") as client:
        with pytest.raises(AriUnavailable, match="is Asterisk running"):
            await client.list_channels()


async def test_a_silent_asterisk_costs_no_more_than_the_limit() -> None:
    async def mute(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ends.append(writer)

    open_ends: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with AriClient(f"http://127.0.0.1:{port}/ari", "patchcord", "x", timeout_s=0.2) as client:
        started = time.monotonic()
        with pytest.raises(AriUnavailable, match=r"within 0\.2 s"):
            await client.hangup("x")
        assert time.monotonic() - started < 0.5
    for writer in open_ends:
        writer.close()
    server.close()
    await server.wait_closed()


async def test_credentials_travel_in_the_header_only(pbx: Pbx) -> None:
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with AriClient(f"http://127.0.0.1:{port}/ari", "patchcord", "sesame") as client:
        assert await client.list_channels() == []
    assert b"Authorization: Basic" in heard[0] and b"sesame" not in heard[0] and b"api_key" not in heard[0]
    server.close()
    await server.wait_closed()


async def test_digits_come_as_events(pbx: Pbx, ari: AriClient, listener: Listener) -> None:
    from tests.ari_app.ami.test_ami_client import connected

    mine = await pbx.dial(ari)
    caller = await listener.caller()
    await ari.answer(caller)
    async with connected(pbx.ami) as ami:
        assert await ami._succeeds({"Action": "PlayDTMF", "Channel": mine, "Digit": "7", "Duration": "80"})
        await until(lambda: any(isinstance(event, ChannelDtmfReceived) and event.digit == "7" for event in listener.events))
    await ari.hangup(mine)
