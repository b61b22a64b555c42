"""The way of SIP between a browser and Asterisk, with a plain WebSocket server in Asterisk's place."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from handoff.desk.agent.line import BrowserLine
from handoff.desk.agent.phone_socket import NOT_ALLOWED, TAKEN_OVER, PhoneSockets
from tests.free_ports import free_port

LINE = BrowserLine("2001-web", "Agent 2001", "patchcord")
OPTIONS = (
    "OPTIONS sip:patchcord SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bK1\r\n"
    "From: <sip:{}@patchcord>;tag=1\r\nTo: <sip:patchcord>\r\nContent-Length: 0\r\n\r\n"
)
OWN, FOREIGN = OPTIONS.format("2001-web"), OPTIONS.format("trunk")


@dataclass
class Exchange:
    """Both ends of the way."""

    desk: str
    heard: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """What Asterisk was sent."""
    peers: list[tuple[str, web.WebSocketResponse]] = field(default_factory=list)


@contextlib.asynccontextmanager
async def connected(way: Exchange) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A browser's socket to the desk."""
    async with aiohttp.ClientSession() as client, client.ws_connect(way.desk, protocols=("sip",)) as browser:
        yield browser


@contextlib.asynccontextmanager
async def exchange(asterisk_port: int | None = None) -> AsyncIterator[Exchange]:
    sockets = PhoneSockets()
    port = free_port()
    found = Exchange(f"http://127.0.0.1:{port}/ws")

    async def asterisk(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        assert socket.ws_protocol == "sip"
        found.peers.append((request.remote or "", socket))
        async for message in socket:
            found.heard.put_nowait(message.data)
        return socket

    app = web.Application()
    app.router.add_get("/asterisk", asterisk)

    async def browser(request: web.Request) -> web.WebSocketResponse:
        return await sockets.serve(request, LINE, f"ws://127.0.0.1:{asterisk_port or port}/asterisk")

    app.router.add_get("/ws", browser)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield found
    finally:
        await sockets.close_all()
        await runner.cleanup()


async def test_messages_go_both_ways_and_come_from_an_address_of_their_own() -> None:
    async with exchange() as way, connected(way) as browser:
        await browser.send_str(OWN)
        assert await asyncio.wait_for(way.heard.get(), 5) == OWN
        address, asterisk = way.peers[0]
        assert address == "127.0.0.2"  # not the trunk's 127.0.0.1
        await asterisk.send_bytes("SIP/2.0 200 Grüß Gott\r\n\r\n".encode())
        assert await browser.receive_str(timeout=5) == "SIP/2.0 200 Grüß Gott\r\n\r\n"


async def test_the_browser_is_let_go_when_asterisk_goes() -> None:
    async with exchange() as way, connected(way) as browser:
        await browser.send_str(OWN)
        await asyncio.wait_for(way.heard.get(), 5)
        await way.peers[0][1].close()
        assert (await browser.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_asterisk_is_let_go_when_the_browser_goes() -> None:
    async with exchange() as way:
        async with connected(way) as browser:
            await browser.send_str(OWN)
            await asyncio.wait_for(way.heard.get(), 5)
        async with asyncio.timeout(5):
            while not way.peers[0][1].closed:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("said", [FOREIGN, "hello", OWN + FOREIGN])
async def test_what_no_phone_of_ours_says_ends_the_socket_and_is_not_passed_on(said: str) -> None:
    async with exchange() as way, connected(way) as browser:
        await browser.send_str(said)
        closed = await browser.receive(timeout=5)
        assert closed.type is aiohttp.WSMsgType.CLOSE and closed.data == NOT_ALLOWED
        assert way.heard.empty()


async def test_a_second_window_takes_the_phone_over() -> None:
    async with exchange() as way, connected(way) as first, connected(way) as second:
        closed = await first.receive(timeout=5)
        assert closed.data == TAKEN_OVER and "another window" in str(closed.extra)
        await second.send_str(OWN)
        assert await asyncio.wait_for(way.heard.get(), 5) == OWN


async def test_without_asterisk_the_browser_is_told_to_try_again() -> None:
    async with exchange(asterisk_port=free_port()) as way, aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(way.desk, protocols=("sip",))
        assert refused.value.status == 503
