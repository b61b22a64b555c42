"""The tasks process as the supervisor starts it: with a database and a receiver of webhooks, without Asterisk and without a mind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from agents.tools.webhook_signature import verify
from ari_app.service.layout import PROJECT, Layout
from ari_app.settings import Settings
from tests.handoff.records.own_server import own_database

SECRET = "sixteen or more characters"


@pytest.fixture
def database() -> Iterator[str]:
    with own_database() as url:
        yield url


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Refuses the first request."""
    got: list[dict[str, Any]] = []
    refused: list[bool] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            verify(dict(self.headers.items()), body, SECRET, time.time(), method="POST", target=self.path)
            if refused:
                got.append(json.loads(body))
            self.send_response(204 if refused else 503)
            refused.append(True)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", got
    server.shutdown()
    server.server_close()


def config(layout: Layout, database: str, receiver: str) -> dict[str, Any]:
    tasks = {
        "recordings": {"convert": True, "settle_s": 0},
        "sweep_s": 0.1,
        "webhooks": {"receivers": {"crm": {"url": receiver, "secret_env": "HOOK_SECRET"}}, "first_wait_s": 0.1},
    }
    return {
        "settings": {**Settings().model_dump(mode="json"), "tasks": tasks},
        "data": str(layout.data),
        "database_url": database,
        "control_token": "t" * 32,
    }


def until(query: str, database: str, log: Path) -> None:
    end = time.monotonic() + 30
    with psycopg.connect(database, autocommit=True) as connection:
        while not connection.execute(query.encode()).fetchall():
            assert time.monotonic() < end, log.read_text()[-4000:]
            time.sleep(0.05)


def test_a_call_that_ends_is_seen_to(database: str, receiver: tuple[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    layout.make()
    layout.mind_file.write_text(json.dumps(config(layout, database, receiver[0])))
    for leg in ("caller", "agent"):
        # One second of silence in a WAV as Asterisk writes it.
        head = b"RIFF\xa4\x3e\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\x80\x3e\0\0"
        (layout.recordings / f"c1-{leg}.wav").write_bytes(head + bytes(16_000))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("INSERT INTO calls (id, started_at) VALUES ('c1', now())")
        connection.execute("UPDATE calls SET ended_at = %s, outcome = 'goodbye', ended_seq = 1 WHERE id = 'c1'", (datetime.now(UTC),))
        connection.execute(
            "INSERT INTO callbacks (id, seq, call_id, asked_at, number, queue)"
            " VALUES (gen_random_uuid(), 1, 'c1', now(), '+441632960011', 'support')"
        )
    log = layout.logs / "tasks.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ari_app.service.tasks", "--config", str(layout.mind_file)],
            cwd=PROJECT,
            stdout=output,
            stderr=output,
            env={**os.environ, "HOOK_SECRET": SECRET},
        )
    try:
        until("SELECT 1 FROM webhook_deliveries HAVING count(delivered_at) = 2", database, log)
        until("SELECT 1 FROM task_runs WHERE state IN ('waiting', 'handed') HAVING count(*) = 0", database, log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, log.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert sorted(told["event"] for told in receiver[1]) == ["call.ended", "callback.requested"]
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT call_id FROM call_reviews").fetchall() == [("c1",)]
        assert connection.execute("SELECT count(*) FROM task_runs WHERE state <> 'done'").fetchone() == (0,)
    assert [path.name for path in layout.recordings.iterdir()] == ["c1.wav"]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"tasks_ready", "task_done", "task_put_off"} <= {line["event"] for line in lines}
    assert "+441632960011" not in log.read_text() and SECRET not in log.read_text() and "Traceback" not in log.read_text()
