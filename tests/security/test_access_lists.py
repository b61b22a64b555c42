"""Address lists on a real Asterisk: with the right password from the wrong place, and without one."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ari_app.pbx.server import AsteriskServer
from tests.ari_app.pbx.asterisk_tools import free_settings, running
from tests.ari_app.pbx.sip_probe import Dialog, probe


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[AsteriskServer]:
    settings = free_settings()
    listed = settings.model_copy(update={"sip": settings.sip.model_copy(update={"acl": ("127.0.0.1/32",)})})
    async with running(tmp_path, listed) as started:
        yield started


async def asked(server: AsteriskServer, place: str) -> int:
    """Status of an ARI request with our password from a loopback address."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.settings.asterisk.http_port, local_addr=(place, 0))
    word = base64.b64encode(f"{server.secrets.ari_user}:{server.secrets.ari_password}".encode()).decode()
    request = f"GET /ari/asterisk/ping HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {word}\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    first = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    return int(first.split()[1])


async def login(server: AsteriskServer, user: str, password: str, place: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.settings.asterisk.ami_port, local_addr=(place, 0))
    await reader.readline()
    writer.write(f"Action: Login\r\nUsername: {user}\r\nSecret: {password}\r\nEvents: off\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    if b"Success" in answer:
        writer.write(b"Action: ListCommands\r\n\r\n")
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    return answer.decode(errors="replace")


async def status_from(server: AsteriskServer, place: str) -> int:
    """What a stranger's INVITE gets."""
    async with probe(place, ("127.0.0.1", server.settings.sip.port)) as peer:
        call = Dialog(peer, "100", "nobody")
        peer._replies[call.call_id] = call.inbox
        return (await call.request("INVITE", "", peer.sdp())).status


async def test_only_listed_addresses_come_in(server: AsteriskServer) -> None:
    secrets = server.secrets
    assert await asked(server, "127.0.0.1") == 200
    assert await asked(server, "127.0.0.2") in (401, 403)
    assert "QueuePause" in await login(server, secrets.desk_ami_user, secrets.desk_ami_password, "127.0.0.1")
    assert "Error" in await login(server, secrets.desk_ami_user, secrets.desk_ami_password, "127.0.0.2")
    assert await status_from(server, "127.0.0.2") == 403


async def test_each_user_may_do_its_own_work_and_no_more(server: AsteriskServer) -> None:
    secrets = server.secrets
    worker = await login(server, secrets.ami_user, secrets.ami_password, "127.0.0.1")
    desk = await login(server, secrets.desk_ami_user, secrets.desk_ami_password, "127.0.0.1")
    admin = await login(server, secrets.ami_admin_user, secrets.ami_admin_password, "127.0.0.1")
    assert {"Setvar:", "Redirect:", "QueueStatus:"} <= set(worker.split())
    assert {"QueueStatus:", "QueuePause:"} <= set(desk.split())
    assert not {"Setvar:", "Redirect:", "Hangup:", "Getvar:"} & set(desk.split())
    assert {"Reload:", "ShowDialPlan:"} <= set(admin.split())
    for granted in (worker, desk, admin):
        assert not {"Originate:", "Command:", "UpdateConfig:"} & set(granted.split())
    assert not {"Reload:", "ModuleLoad:", "DialplanExtensionAdd:"} & set(worker.split() + desk.split())
