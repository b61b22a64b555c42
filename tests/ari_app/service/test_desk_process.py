"""The desk process as the supervisor starts it: with a database, without Asterisk and without a mind."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ari_app.cli import main
from ari_app.service.layout import PROJECT, Layout
from ari_app.settings import Settings
from tests.free_ports import free_port
from tests.handoff.records.own_server import own_database


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    with own_database() as url:
        yield url


@pytest.fixture
def layout(tmp_path: Path, database_url: str) -> Layout:
    layout = Layout(tmp_path / "data")
    layout.make()
    settings = Settings.model_validate(
        {
            "desk": {"port": free_port()},
            "asterisk": {"http_port": free_port(), "ami_port": free_port()},
            "service": {"http_port": free_port()},
        }
    )
    config: dict[str, Any] = {
        "settings": settings.model_dump(mode="json"),
        "data": str(layout.data),
        "database_url": database_url,
        "ami": {"user": "patchcord", "password": "nobody listens"},
        "control_token": "t" * 32,
    }
    layout.mind_file.write_text(json.dumps(config))
    # The same for all: one chain of the audit goes through the database that they share.
    (layout.data / "desk.secret").write_text("5e" * 32)
    return layout


@pytest.fixture
async def desk(layout: Layout) -> AsyncIterator[tuple[str, Process]]:
    """Where it serves, and the process."""
    log = (layout.logs / "desk.log").open("wb")
    command = (sys.executable, "-m", "ari_app.service.desk", "--config", str(layout.mind_file))
    process = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, stderr=log, stdout=log)
    url = f"http://127.0.0.1:{json.loads(layout.mind_file.read_text())['settings']['desk']['port']}"
    try:
        async with asyncio.timeout(40), aiohttp.ClientSession() as session:
            while True:
                assert process.returncode is None, (layout.logs / "desk.log").read_text()
                try:
                    async with session.get(f"{url}/healthz") as answer:
                        assert await answer.json() == {"ready": True}
                        break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.1)
        yield url, process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        log.close()


def cli(capsys: pytest.CaptureFixture[str], layout: Layout, *words: str) -> tuple[int, str, str]:
    status = main(["desk", *words, "--data", str(layout.data)])
    told = capsys.readouterr()
    return status, told.out, told.err


async def test_it_serves_who_was_let_in_and_ends_when_told(
    desk: tuple[str, Process], layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    url, process = desk
    status, told, _ = await asyncio.to_thread(cli, capsys, layout, "user", "add", "ada", "--role", "supervisor")
    assert status == 0
    password = next(line.split()[1] for line in told.splitlines() if line.startswith("password"))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        html = await (await session.get(f"{url}/login")).text()
        token = html.split('name="csrf" value="')[1].split('"')[0]
        answer = await session.post(f"{url}/login", data={"csrf": token, "name": "ada", "password": password})
        assert (answer.status, answer.url.path) == (200, "/floor")
        assert "No calls yet" in await (await session.get(f"{url}/calls")).text()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    log = (layout.logs / "desk.log").read_text()
    assert password not in log and "Traceback" not in log
    assert all(line.startswith("{") for line in log.splitlines()), log


def test_people_are_let_in_and_put_out(layout: Layout, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("correct horse battery\nignored")
    status, told, _ = cli(capsys, layout, "user", "add", "ben", "--role", "agent", "--phone", "2001", "--password-file", str(file))
    assert (status, told) == (0, "ben may log in as agent.\n")
    assert cli(capsys, layout, "user", "disable", "ben")[0] == 0
    rows = json.loads(cli(capsys, layout, "user", "list", "--json")[1])
    assert {"name": "ben", "role": "agent", "phone": "2001", "enabled": False} in rows
    assert cli(capsys, layout, "user", "enable", "ben")[0] == 0
    assert "password  " in cli(capsys, layout, "user", "password", "ben")[1]
    status, told, _ = cli(capsys, layout, "audit", "verify")
    assert status == 0 and "whole and in order" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("user", "disable", "nobody"), "There is no user 'nobody'"),
        (("user", "password", "nobody"), "There is no user 'nobody'"),
        (("user", "add", "Ada Lovelace", "--role", "admin"), "cannot be a user's name"),
        (("user", "add", "eve", "--role", "admin", "--phone", "20 01"), "cannot be the name of a SIP account"),
        (("user", "add", "eve", "--role", "admin", "--password-file", "/nowhere"), "cannot be read"),
        (("user", "add", "eve", "--role", "admin", "--password-file", "/dev/null"), "at least 12"),
    ],
)
def test_mistakes_are_told(layout: Layout, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str) -> None:
    status, out, error = cli(capsys, layout, *words)
    assert (status, out) == (1, "")
    assert told in error


def test_a_name_is_taken_once(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(capsys, layout, "user", "add", "twice", "--role", "agent")[0] == 0
    status, _, error = cli(capsys, layout, "user", "add", "twice", "--role", "admin")
    assert status == 1 and "already" in error
