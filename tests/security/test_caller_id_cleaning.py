"""What SIP can put into a caller's id, on a real Asterisk: with our first step of every route, and without it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ari_app.pbx.server import AsteriskServer
from dialplan import templates
from tests.ari_app.pbx.asterisk_tools import Ari, event, free_settings, running
from tests.e2e.hostile_sip import FORGED, hostile_call

CLEAN = templates.TEMPLATES / "patchcord.d" / "extensions" / "clean.j2"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[AsteriskServer]:
    async with running(tmp_path, free_settings()) as started:
        yield started


async def callers_id(server: AsteriskServer, steps: str) -> tuple[str, str]:
    """Name and number as they come to an ARI application behind these first steps of an extension."""
    text = f"[patchcord-numbers]\nexten => 777,1,NoOp()\n{steps} same => n,Stasis(watcher)\n same => n,Hangup()\n{CLEAN.read_text()}"
    (server.paths.etc / "extensions.conf").write_text(text.replace("[patchcord-numbers]", f"[{await context(server)}]"))
    await server.rx("dialplan reload")
    async with Ari(server) as ari:
        socket = await ari._session.ws_connect(f"{server.ari_url}/events", params={"app": "watcher"})
        dialling = asyncio.create_task(dial(server.settings.sip.port))
        caller = (await event(socket, "StasisStart"))["channel"]
        await ari.call("DELETE", f"/channels/{caller['id']}")
        await dialling
        await socket.close()
    return caller["caller"]["name"], caller["caller"]["number"]


async def context(server: AsteriskServer) -> str:
    """Where calls of the trunk arrive."""
    shown = await server.rx("pjsip show endpoint trunk")
    return next(line.split(":")[1].strip() for line in shown.splitlines() if line.strip().startswith("context"))


async def dial(port: int) -> None:
    async with hostile_call(port, "777", "55506103"):
        pass


async def test_without_cleaning_a_caller_writes_lines_of_the_manager_interface(server: AsteriskServer) -> None:
    """Why the cleaning is there; if this fails some day, Asterisk does it itself."""
    name, number = await callers_id(server, "")
    assert "\r\n" in number
    assert FORGED.split(":")[0] in number
    assert "<script>" in name


async def test_behind_our_first_step_nothing_of_it_is_left(server: AsteriskServer) -> None:
    name, number = await callers_id(server, " same => n,Gosub(patchcord-clean,s,1)\n")
    assert not set(number) - set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+*#._-")
    assert number.startswith("5550")
    assert not set(name) & set('<>"=|!$[]{};,\\\r\n')
