"""A migrated database of each test's own, and calls written into it as the worker writes them."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from handoff.tasks.job import Connection, Handler, Row
from handoff.tasks.runner import Runner
from tests.handoff.records.own_server import own_database


@pytest.fixture(scope="session")
def tasks_database() -> Iterator[str]:
    with own_database() as url:
        yield url


@pytest.fixture
def url(tasks_database: str) -> str:
    """Of a database with all tables and nothing in them; a copy for each test would take a third of a second."""
    with psycopg.connect(tasks_database, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'patchcord-tasks'")
        connection.execute("DROP TABLE IF EXISTS marks")
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'").fetchall()
        # The audit refuses to be emptied otherwise.
        connection.execute("SET session_replication_role = replica")
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)))
    return tasks_database


@pytest.fixture
def db(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


class Calls:
    """Writes calls into the database."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._seq = 0

    def call(self, call_id: str, *, age: timedelta = timedelta(), ended: bool = True, outcome: str = "goodbye", reason: str = "") -> None:
        """``age``: since it ended, or since it began."""
        end = datetime.now(UTC) - age
        self._db.execute(
            "INSERT INTO calls (id, started_at, route, number, caller) VALUES (%s, %s, 'front-desk', '100', '+441632960011')",
            (call_id, end - timedelta(minutes=2)),
        )
        if ended:
            self.end(call_id, end, outcome, reason)

    def end(self, call_id: str, at: datetime, outcome: str = "goodbye", reason: str = "") -> int:
        self._seq += 1
        self._db.execute(
            "UPDATE calls SET ended_at = %s, outcome = %s, reason = %s, ended_seq = %s WHERE id = %s",
            (at, outcome, reason, self._seq, call_id),
        )
        return self._seq

    def turn(self, call_id: str, number: int, who: str, text: str, start_ms: int, end_ms: int, **more: Any) -> None:
        self._db.execute(
            "INSERT INTO turns (id, seq, call_id, number, who, said, heard, started_ms, ended_ms, via, interrupted, latency_ms)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'speech', %s, %s)",
            (
                *(uuid.uuid4(), number, call_id, number, who, text, text, start_ms, end_ms),
                *(more.get("interrupted", False), Jsonb(more.get("latency_ms", {}))),
            ),
        )

    def event(self, call_id: str, kind: str, at_ms: int, **data: Any) -> None:
        self._seq += 1
        self._db.execute(
            "INSERT INTO events (id, seq, call_id, kind, at_ms, data) VALUES (%s, %s, %s, %s, %s, %s)",
            (uuid.uuid4(), self._seq, call_id, kind, at_ms, Jsonb(data)),
        )

    def card(self, card_id: str, call_id: str) -> None:
        self._db.execute(
            "INSERT INTO cards (id, seq, call_id, created_at, body) VALUES (%s, 1, %s, now(), %s)",
            (card_id, call_id, Jsonb({"version": 2, "id": card_id, "call_id": call_id})),
        )

    def callback(self, call_id: str, number: str, queue: str = "support") -> str:
        found = self._db.execute(
            "INSERT INTO callbacks (id, seq, call_id, asked_at, number, queue) VALUES (%s, 1, %s, now(), %s, %s) RETURNING id::text AS id",
            (uuid.uuid4(), call_id, number, queue),
        ).fetchone()
        assert found is not None
        return str(found["id"])


@pytest.fixture
def calls(db: Connection) -> Calls:
    return Calls(db)


Do = Callable[..., Row]


@pytest.fixture
def do(url: str, db: Connection) -> Do:
    """Do a job that is in the table, now, as the worker does; its row afterwards."""

    def run(handler: Handler, task: str, subject: str, *, hurry: bool = True) -> Row:
        if hurry:
            db.execute("UPDATE task_runs SET due_at = now() WHERE task = %s AND subject = %s", (task, subject))
        Runner(url, {task: handler}).run(task, subject)
        row = db.execute("SELECT * FROM task_runs WHERE task = %s AND subject = %s", (task, subject)).fetchone()
        assert row is not None, f"there is no job {task} {subject}"
        return row

    return run
