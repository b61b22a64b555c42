"""The FastAGI process as the supervisor starts it: with a database, without an Asterisk to ask about queues."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ari_app.service.agi import CurrentRoutes, WatchedQueues
from ari_app.service.layout import PROJECT, Layout
from ari_app.settings import Settings
from dialplan.agi import Estimate, Unavailable
from dialplan.errors import DialplanError
from handoff.queues import QueueBoard
from handoff.records.writer import PostgresRecords
from tests.free_ports import free_port
from tests.handoff.queues.queue_events import T0, join, member, params
from tests.handoff.records.records_contract import card

ROUTES = 'routes:\n  orders:\n    numbers: ["5550100"]\n    agent: {agent}\n'


def change(path: Path, text: str) -> None:
    """A file system may keep times too coarsely to tell two writes apart."""
    path.write_text(text)
    about = path.stat()
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns + 1_000_000))


@asynccontextmanager
async def started(layout: Layout, database_url: str, port: int) -> AsyncIterator[Process]:
    settings = Settings.model_validate(
        {"agi": {"enabled": True, "port": port}, "asterisk": {"http_port": free_port(), "ami_port": free_port()}}
    )
    config = {"settings": settings.model_dump(mode="json"), "data": str(layout.data), "database_url": database_url}
    layout.mind_file.write_text(json.dumps(config))
    log = (layout.logs / "agi.log").open("wb")
    command = (sys.executable, "-m", "ari_app.service.agi", "--config", str(layout.mind_file))
    process = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, stderr=log, stdout=log)
    try:
        async with asyncio.timeout(40):
            while process.returncode is None and "agi_ready" not in (layout.logs / "agi.log").read_text():
                await asyncio.sleep(0.05)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        log.close()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "data")
    layout.make()
    return layout


async def ask(port: int, command: str, argument: str) -> dict[str, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"agi_network: yes\nagi_network_script: {command}\nagi_extension: s\nagi_arg_1: {argument}\n\n".encode())
    told = {}
    async with asyncio.timeout(15):
        while line := (await reader.readline()).decode().rstrip("\n"):
            _, kind, name, *rest = line.split(" ", 3)
            if kind == "FULL":
                writer.write(b"200 result=1 (%s)\n" % line.rpartition(" ")[2].strip('"').encode())
            else:
                told[name] = rest[0].strip('"')
                writer.write(b"200 result=1\n")
    writer.close()
    return told


@pytest.mark.postgres
async def test_it_answers_from_routes_records_and_queues_and_ends_when_told(layout: Layout, database: str) -> None:
    (layout.data / "routes.yaml").write_text(ROUTES.replace("{agent}", "order-status"))
    writer = PostgresRecords(database, layout.journal)
    await writer.open()
    writer.card(card("call-1"))
    assert await writer.flush(10)
    await writer.close()
    port = free_port()
    async with started(layout, database, port) as process:
        told = await ask(port, "patchcord_route", "5550100")
        assert (told["PATCHCORD_AGI"], told["PATCHCORD_DECISION_AGENT"]) == ("OK", "order-status")
        change(layout.data / "routes.yaml", ROUTES.replace("{agent}", "outage"))
        assert (await ask(port, "patchcord_route", "5550100"))["PATCHCORD_DECISION_AGENT"] == "outage"
        told = await ask(port, "patchcord_card", "card-1")
        assert (told["PATCHCORD_AGI"], told["PATCHCORD_CARD_REASON"]) == ("OK", "caller_request")
        assert (told["PATCHCORD_CARD_INTENT"], told["PATCHCORD_CARD_QUEUE"]) == ("order_status", "support")
        assert (await ask(port, "patchcord_card", "card-9"))["PATCHCORD_AGI"] == "NOT_FOUND"
        told = await ask(port, "patchcord_queue_estimate", "support")
        assert (told["PATCHCORD_AGI"], told["PATCHCORD_ESTIMATE_WAIT"]) == ("UNAVAILABLE", "")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    log = (layout.logs / "agi.log").read_text()
    assert "Traceback" not in log and "5550100" not in log and "10482" not in log


async def test_a_port_that_is_taken_is_told_in_one_line(layout: Layout) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with started(layout, "postgresql://127.0.0.1:1/none", port) as process:
            assert await asyncio.wait_for(process.wait(), 20) == 1
    last = json.loads((layout.logs / "agi.log").read_text().splitlines()[-1])
    assert (last["event"], last["port"]) == ("agi_not_started", port)


def test_routes_that_are_being_written_stay_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "routes.yaml"
    routes = CurrentRoutes(Settings(), tmp_path)
    path.write_text("routes: [")
    with pytest.raises(DialplanError):
        routes()
    change(path, ROUTES.replace("{agent}", "echo"))
    assert routes().agents() == ("echo",)
    change(path, "routes: [ ")
    assert routes().agents() == ("echo",)
    change(path, ROUTES.replace("{agent}", "order-status"))
    assert routes().agents() == ("order-status",)


def test_an_estimate_is_of_one_more_caller() -> None:
    board, live = QueueBoard(), True
    board.begin_snapshot()
    assert board.snapshot([params(), member("2001", "QueueMember"), params(queue="empty")], T0)
    queues = WatchedQueues(board, lambda: live, lambda: T0)
    assert queues.estimate("support") == Estimate(0, 1, 0.0)
    assert queues.estimate("empty") == Estimate(0, 0, None)
    assert queues.estimate("none") is None
    board.feed(join("1"), T0)
    found = queues.estimate("support")
    assert found is not None and (found.waiting, found.free) == (1, 1) and found.wait_s is not None and found.wait_s > 0
    live = False
    with pytest.raises(Unavailable):
        queues.estimate("support")
