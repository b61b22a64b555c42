"""Requests that are no HTTP leave one line, and no form breaks the desk."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from ari_app.logs import JsonFormatter
from ari_app.service.foul_requests import EVERY_S, FoulRequests, keep_foul_requests_short
from ari_app.service.http import build_app, serve
from tests.free_ports import free_port
from tests.handoff.desk.conftest import Desk, csrf_in, desk, desk_database, desk_deps, desk_server

__all__ = ["desk", "desk_database", "desk_deps", "desk_server"]

SECRET = b"patchcord_desk=a-session-of-somebody"
FOUL = (
    b"XYZ\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nCookie: " + SECRET + b"\r\n\r\n",
    b"\x16\x03\x01" * 9,
)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    chosen = free_port()
    app = build_app(not_ready=list, status=dict, live=dict, registry=CollectorRegistry())
    runner: web.AppRunner = await serve(app, chosen)
    yield chosen
    await runner.cleanup()


async def sent(port: int, message: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(message)
    answer = await asyncio.wait_for(reader.read(4096), 3)
    writer.close()
    return answer


async def test_foul_requests_are_one_line_without_what_was_in_them(port: int, caplog: pytest.LogCaptureFixture) -> None:
    for message in FOUL * 3:
        assert b" 400 " in (await sent(port, message)).split(b"\r\n")[0]
    lines = [JsonFormatter("mind").format(record) for record in caplog.records if record.name == "aiohttp.server"]
    assert len(lines) == 1
    entry = json.loads(lines[0])
    assert (entry["event"], entry["level"]) == ("foul_requests", "warning")
    assert SECRET.decode() not in lines[0]
    assert "127.0.0.1" not in lines[0]


def test_they_are_counted_and_told_again_after_a_while() -> None:
    now = [0.0]
    watch = FoulRequests(lambda: now[0])
    told = [watch.filter(foul()) for _ in range(5)]
    now[0] = EVERY_S
    later = foul()
    assert told == [True, False, False, False, False]
    assert watch.filter(later)
    assert (later.requests, watch.count) == (5, 6)  # type: ignore[attr-defined]


def test_faults_of_ours_are_logged_as_they_are() -> None:
    record = logging.makeLogRecord({"msg": "Unhandled exception", "levelno": 40, "exc_info": (KeyError, KeyError("x"), None)})
    assert FoulRequests().filter(record)
    assert record.exc_info


def test_the_filter_is_there_once() -> None:
    for _ in range(3):
        keep_foul_requests_short()
    assert sum(isinstance(each, FoulRequests) for each in logging.getLogger("aiohttp.server").filters) == 1


def foul() -> logging.LogRecord:
    error = ConnectionResetError("gone")
    return logging.makeLogRecord({"msg": "Error handling request from 192.0.2.1", "levelno": 40, "exc_info": (type(error), error, None)})


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("kind", "body", "headers"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\ny\r\n--x--\r\n", {}),
        ("multipart/form-data; boundary=x", b"--y\r\n", {}),
        ("multipart/form-data", b"--x", {}),
        ("application/x-www-form-urlencoded", b"no gzip", {"Content-Encoding": "gzip"}),
        ("application/x-www-form-urlencoded; charset=none-such", b"name=x", {}),
        ("application/x-www-form-urlencoded", b"name=\xff\xfe&csrf=%00", {}),
    ],
)
async def test_a_foul_form_is_refused_and_nothing_breaks(desk: Desk, kind: str, body: bytes, headers: dict[str, str]) -> None:
    stranger, supervisor = await desk.stranger(), await desk.login("supervisor")
    headers = {**headers, "Connection": "close"}  # after what cannot be read aiohttp closes it anyway
    for client, path in ((stranger, "/login"), (supervisor, "/logout"), (supervisor, "/password")):
        answer = await client.post(path, data=body, headers={"Content-Type": kind, **headers}, allow_redirects=False)
        assert answer.status in (400, 403), f"{path}: {answer.status}"
    assert csrf_in(await (await supervisor.get("/password")).text()), "still logged in"
