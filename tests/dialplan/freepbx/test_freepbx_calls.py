"""The snippets in an Asterisk laid out like FreePBX: an inbound route to Patchcord, and back to its queue with DB() working."""

import asyncio
import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from ari_app.ami.client import AmiClient
from ari_app.pbx.secret_store import load_or_create_secrets
from dialplan.freepbx import install, remove
from dialplan.installing.folder import EtcFolder
from tests.dialplan.freepbx.freepbx_files import NUMBER, ROUTES, lay_out
from tests.docker.admins_asterisk import AdminsAsterisk, running, write_patchcord_d

CALL = f"channel originate Local/{NUMBER}@from-pstn application Wait 60"
LABEL = "Hotline"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    (data / "routes.yaml").write_text(ROUTES)
    return data


@pytest.fixture(scope="module")
def freepbx(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Iterator[AdminsAsterisk]:
    asterisk = AdminsAsterisk(tmp_path_factory.mktemp("freepbx"))
    lay_out(asterisk)
    assert len(install(EtcFolder(asterisk.etc))) == 5
    write_patchcord_d(asterisk, data, {**asterisk.settings(), "calls.queue": "8001"})
    with running(asterisk):
        asterisk.rx(f"database put QUEUES 8000/label {LABEL}")
        yield asterisk


@pytest.fixture(autouse=True)
def quiet(freepbx: AdminsAsterisk) -> Iterator[None]:
    freepbx.rx("dialplan set global SEEN none")
    yield
    freepbx.rx("channel request hangup all")


async def until(condition: Callable[[], bool], what: str) -> None:
    for _ in range(150):
        if await asyncio.to_thread(condition):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(what)


def seen(asterisk: AdminsAsterisk) -> str:
    found = re.search(r"^\s*SEEN=(.*)$", asterisk.rx("dialplan show globals"), re.MULTILINE)
    return found[1] if found else ""


def waits_in(asterisk: AdminsAsterisk, queue: str) -> bool:
    return "Callers:" in asterisk.rx(f"queue show {queue}")


def test_everything_is_loaded_and_nothing_of_theirs_is_another(freepbx: AdminsAsterisk) -> None:
    for context in ("patchcord-numbers", "patchcord-routes", "patchcord-agent", "patchcord-queue", "ext-queues", "from-internal-custom"):
        assert f"Context '{context}'" in freepbx.rx(f"dialplan show {context}")
    assert "patchcord" in freepbx.rx("ari show users") and "wallboard" in freepbx.rx("ari show users")
    assert "patchcord" in freepbx.rx("manager show users") and "operator" in freepbx.rx("manager show users")
    assert "Desk 301" in freepbx.rx("queue show 8000")
    # their queues are written nowhere a second time, so theirs hold
    assert not re.search(r"^\[800", (freepbx.etc / "patchcord.d/queues.conf").read_text(), re.MULTILINE)
    loading = [line for line in (freepbx.home / "log/full.log").read_text().splitlines() if "patchcord" in line]
    assert loading == []


async def test_without_an_application_the_call_ends_in_their_queue(freepbx: AdminsAsterisk) -> None:
    freepbx.rx(CALL)
    await until(lambda: waits_in(freepbx, "8000"), "nobody waits in 8000")
    assert seen(freepbx) == f"<{LABEL}> <> <{NUMBER}>"
    # the member is rung the way FreePBX rings members, with DB() there too
    await until(lambda: "RUNG=301" in freepbx.rx("dialplan show globals"), "the member is not rung")


async def test_their_queue_is_a_transfer_target_of_ours_too(freepbx: AdminsAsterisk) -> None:
    freepbx.rx("channel originate Local/8000@patchcord-queue application Wait 60")
    await until(lambda: waits_in(freepbx, "8000"), "nobody waits in 8000")


async def test_a_route_leads_into_their_menu(freepbx: AdminsAsterisk) -> None:
    freepbx.rx("channel originate Local/+442079460050@patchcord-numbers application Wait 60")
    await until(lambda: "ivr-1!s!" in freepbx.rx("core show channels concise"), "not in ivr-1")


@pytest.mark.parametrize(("by", "label"), [("ami", LABEL), ("ari", "")])
async def test_an_application_continues_into_their_queue(freepbx: AdminsAsterisk, data: Path, by: str, label: str) -> None:
    """Set by AMI, DB() goes on working. By ARI it does not: that is why nothing of ours does it."""
    secrets = load_or_create_secrets(data)
    token = base64.b64encode(f"{secrets.ari_user}:{secrets.ari_password}".encode()).decode()
    url = f"http://127.0.0.1:{freepbx.http}/ari"
    ami = AmiClient("127.0.0.1", freepbx.ami, secrets.ami_user, secrets.ami_password)
    connecting = asyncio.create_task(ami.run())
    try:
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Basic {token}"}) as session,
            session.ws_connect(f"{url}/events", params={"app": "patchcord-1"}) as events,
        ):
            await until(lambda: ami.connected, "no AMI")
            await asyncio.to_thread(freepbx.rx, CALL)
            channel = await started(events)
            if by == "ami":
                assert await ami.setvar(channel["name"], "PATCHCORD_CARD", "card-1")
            else:
                variable = {"variable": "PATCHCORD_CARD", "value": "card-1"}
                async with session.post(f"{url}/channels/{channel['id']}/variable", params=variable) as answer:
                    assert answer.status == 204
            place = {"context": "ext-queues", "extension": "8000", "priority": "1"}
            async with session.post(f"{url}/channels/{channel['id']}/continue", params=place) as answer:
                assert answer.status == 204
            await until(lambda: waits_in(freepbx, "8000"), "nobody waits in 8000")
            assert seen(freepbx) == f"<{label}> <card-1> <{NUMBER}>"
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)


async def started(events: aiohttp.ClientWebSocketResponse) -> dict[str, str]:
    while True:
        event = await events.receive_json(timeout=15)
        if event["type"] == "StasisStart":
            assert event["args"][:2] == ["call", "front-desk"] and event["args"][2] == f"+{NUMBER}"
            found: dict[str, str] = event["channel"]
            return found


def test_after_removal_a_reload_leaves_freepbx_as_it_was(freepbx: AdminsAsterisk) -> None:
    """Last: it takes the lines out of the running one."""
    remove(EtcFolder(freepbx.etc))
    for command in ("dialplan reload", "queue reload all", "manager reload", "module reload res_ari.so"):
        freepbx.rx(command)
    assert "There is no existence of 'patchcord-numbers' context" in freepbx.rx("dialplan show patchcord-numbers")
    assert "patchcord" not in freepbx.rx("manager show users") and "operator" in freepbx.rx("manager show users")
    assert "Context 'ext-queues'" in freepbx.rx("dialplan show ext-queues")
