"""The browser phone's requests to the desk: whose line, which signatures, and from which pages the socket opens."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from handoff.desk.agent import phone_routes
from handoff.desk.agent.line import PHONES, BrowserLine, LineError, check_request
from handoff.desk.agent.phone_socket import SIGNED_OUT
from handoff.desk.app import build_desk
from handoff.desk.deps import DeskDeps
from handoff.desk.login.routes import PASSWORDS
from handoff.desk.passwords import Passwords
from tests.handoff.desk.agent.test_agent_routes import post
from tests.handoff.desk.conftest import Client, Desk, csrf_in

pytestmark = pytest.mark.postgres
LINE = BrowserLine("2001-web", "Agent 2001", "patchcord")
CHALLENGE = 'Digest realm="patchcord",nonce="n",algorithm=MD5,qop="auth"'


class EchoLines:
    """PhoneLines whose telephone system says back what it hears; its signatures say what was signed."""

    def __init__(self, socket_url: str) -> None:
        self.socket_url = socket_url

    def line_of(self, phone: str) -> BrowserLine | None:
        return LINE if phone == "2001" else None

    async def online(self, phone: str) -> frozenset[str]:
        return frozenset({phone})

    def authorization(self, account: str, method: str, uri: str, challenges: Sequence[str]) -> str:
        if not challenges:
            raise LineError("There is no challenge.")
        return f"{account} {method} {uri} {challenges[0]}"


@pytest.fixture
async def phone_desk(desk_deps: DeskDeps) -> AsyncIterator[Desk]:
    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data)
        return socket

    asterisk = web.Application()
    asterisk.router.add_get("/ws", echo)
    behind = TestServer(asterisk, host="127.0.0.1")
    await behind.start_server()
    app = build_desk(desk_deps)
    app[PASSWORDS] = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app[PHONES] = EchoLines(str(behind.make_url("/ws")).replace("http", "ws"))
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    desk = Desk(app, desk_deps, server)
    yield desk
    await desk.close()
    await behind.close()


def origin_of(client: Client) -> str:
    return str(client.make_url("/")).rstrip("/")


async def test_a_person_has_the_line_of_their_phone_and_never_its_password(phone_desk: Desk) -> None:
    agent = await phone_desk.login("agent")
    facts = await (await agent.get("/agent/phone")).json()
    assert facts == {"account": "2001-web", "name": "Agent 2001", "domain": "patchcord", "online": ["2001"]}
    supervisor = await phone_desk.login("supervisor")
    assert (await supervisor.get("/agent/phone")).status == 404
    assert (await (await phone_desk.stranger()).get("/agent/phone", headers={"Accept": "application/json"})).status == 401


@pytest.mark.parametrize(
    ("method", "uri"), [("REGISTER", "sip:patchcord"), ("INVITE", "sip:200@patchcord"), ("BYE", "sip:asterisk@127.0.0.1:5060;transport=ws")]
)
async def test_the_phones_own_requests_are_signed_for_its_account(phone_desk: Desk, method: str, uri: str) -> None:
    agent = await phone_desk.login("agent")
    status, answer = await post(agent, "/agent/phone/authorise", {"method": method, "uri": uri, "challenges": [CHALLENGE]})
    assert (status, answer) == (200, {"authorization": f"2001-web {method} {uri} {CHALLENGE}"})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"method": "REGISTER", "uri": "sip:elsewhere.example", "challenges": [CHALLENGE]}, 409),
        ({"method": "SUBSCRIBE", "uri": "sip:patchcord", "challenges": [CHALLENGE]}, 409),
        ({"method": "INVITE", "uri": 'sip:200@patchcord", response="x', "challenges": [CHALLENGE]}, 409),
        ({"method": "INVITE", "uri": "sip:200@patchcord\r\nFrom: x", "challenges": [CHALLENGE]}, 409),
        ({"method": "REGISTER", "uri": "sip:patchcord", "challenges": []}, 409),
        ({"method": "REGISTER", "uri": "sip:patchcord", "challenges": [1]}, 400),
        ({"method": "REGISTER", "uri": "sip:patchcord"}, 400),
        ({}, 400),
    ],
)
async def test_other_signatures_are_refused(phone_desk: Desk, body: dict[str, Any], status: int) -> None:
    agent = await phone_desk.login("agent")
    assert (await post(agent, "/agent/phone/authorise", body))[0] == status


def test_a_signature_for_registering_is_for_the_own_system_only() -> None:
    check_request(LINE, "REGISTER", "sip:patchcord")
    for uri in ("sip:patchcord.example", "sip:patchcordx", "sips:patchcord", "sip:a@b@patchcord"):
        with pytest.raises(LineError):
            check_request(LINE, "REGISTER", uri)


async def test_the_socket_opens_from_our_own_page(phone_desk: Desk) -> None:
    agent = await phone_desk.login("agent")
    message = "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with agent.ws_connect("/ws", protocols=("sip",), headers={"Origin": origin_of(agent)}) as socket:
        await socket.send_str(message)
        assert await socket.receive_str(timeout=5) == message
    entries = await phone_desk.deps.audit.entries(action="browser_phone")
    assert [entry["actor"] for entry in entries] == ["agent"]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", None])
async def test_the_socket_does_not_open_from_another_page(phone_desk: Desk, origin: str | None) -> None:
    agent = await phone_desk.login("agent")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await agent.ws_connect("/ws", protocols=("sip",), headers={"Origin": origin} if origin else {})
    assert refused.value.status == 403


async def test_the_socket_does_not_open_for_strangers_or_without_a_line(phone_desk: Desk) -> None:
    stranger, supervisor = await phone_desk.stranger(), await phone_desk.login("supervisor")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await stranger.ws_connect("/ws", protocols=("sip",), headers={"Origin": origin_of(stranger)})
    assert refused.value.request_info.url.path == "/login"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await supervisor.ws_connect("/ws", protocols=("sip",), headers={"Origin": origin_of(supervisor)})
    assert refused.value.status == 404


async def test_logging_out_switches_the_phone_off(phone_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_routes, "SESSION_LOOK_S", 0.05)
    agent = await phone_desk.login("agent")
    token = csrf_in(await (await agent.get("/agent")).text())
    async with agent.ws_connect("/ws", protocols=("sip",), headers={"Origin": origin_of(agent)}) as socket:
        await agent.post("/logout", data={"csrf": token})
        closed = await socket.receive(timeout=5)
        assert closed.type is aiohttp.WSMsgType.CLOSE and closed.data == SIGNED_OUT
