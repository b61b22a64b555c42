"""The audit: what is written stays, and what was changed shows."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest

from handoff.desk.audit import AuditLog
from handoff.desk.database import Database
from handoff.desk.secret import DeskSecret
from tests.handoff.desk.conftest import SECRET, Desk, csrf_in

NOW = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)


@pytest.fixture
async def database(desk_database: str) -> AsyncIterator[Database]:
    database = Database(desk_database)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def log(database: Database) -> AuditLog:
    log = AuditLog(database, SECRET)
    for number in range(5):
        await log.append(
            NOW, "ada", "admin", "view_call", call_id=f"call-{number}", detail={"number": number, "why": "ünïcode\u2028", "yes": True}
        )
    return log


def forge(url: str, *statements: str) -> None:
    """As somebody does who owns the database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE desk_audit DISABLE TRIGGER desk_audit_append_only")
        for statement in statements:
            connection.execute(statement.encode())


async def test_a_whole_chain(log: AuditLog) -> None:
    found = await log.verify()
    assert (found.rows, found.broken_at) == (5, None)
    assert len(found.head) == 64


async def test_an_empty_chain_is_whole(database: Database) -> None:
    assert (await AuditLog(database, SECRET).verify()).broken_at is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE desk_audit SET actor = 'ben'",
        "DELETE FROM desk_audit",
        "TRUNCATE desk_audit",
    ],
)
async def test_rows_cannot_be_changed(log: AuditLog, desk_database: str, statement: str) -> None:
    with psycopg.connect(desk_database) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        connection.execute(statement.encode())
    assert (await log.verify()).rows == 5


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE desk_audit SET actor = 'ben' WHERE seq = 3", 3),
        ("UPDATE desk_audit SET at = at + interval '1 second' WHERE seq = 1", 1),
        ("UPDATE desk_audit SET detail = '{}' WHERE seq = 5", 5),
        ("UPDATE desk_audit SET call_id = 'x' || call_id WHERE seq = 2", 2),
        ("DELETE FROM desk_audit WHERE seq = 4", 4),
        ("DELETE FROM desk_audit WHERE seq = 1", 1),
        ("UPDATE desk_audit SET seq = 100 WHERE seq = 3", 3),
        ("UPDATE desk_audit SET seal = (SELECT seal FROM desk_audit WHERE seq = 2) WHERE seq = 3", 3),
    ],
)
async def test_a_forged_row_shows(log: AuditLog, desk_database: str, statement: str, broken_at: int) -> None:
    forge(desk_database, statement)
    assert (await log.verify()).broken_at == broken_at


async def test_without_the_secret_nobody_makes_a_chain_that_holds(log: AuditLog, database: Database) -> None:
    other = AuditLog(database, DeskSecret(b"another secret of thirty-two byte"))
    await other.append(NOW, "ada", "admin", "view_call")
    assert (await log.verify()).broken_at == 6


async def test_many_at_once_make_one_chain(log: AuditLog) -> None:
    await asyncio.gather(*(log.append(NOW, "ben", "agent", "view_card") for _ in range(40)))
    found = await log.verify()
    assert (found.rows, found.broken_at) == (45, None)


async def test_entries_are_narrowed_down_and_paged(log: AuditLog) -> None:
    assert [row["seq"] for row in await log.entries(limit=2)] == [5, 4]
    assert [row["seq"] for row in await log.entries(limit=2, before=4)] == [3, 2]
    assert [row["call_id"] for row in await log.entries(call_id="call-3")] == ["call-3"]
    assert await log.entries(actor="nobody") == []


async def test_the_page_shows_rows_and_checks_the_chain(desk: Desk, desk_database: str) -> None:
    client = await desk.login("auditor")
    html = await (await client.get("/audit")).text()
    assert "login" in html
    token = csrf_in(html)
    assert "whole and in order" in await (await client.post("/audit", data={"csrf": token})).text()
    forge(desk_database, "UPDATE desk_audit SET action = 'nothing' WHERE seq = 1")
    assert "Row 1 is missing, changed" in await (await client.post("/audit", data={"csrf": token})).text()
    for before in ("x", "-1", "9" * 40):
        assert (await client.get("/audit", params={"before": before})).status == 200


async def test_what_cannot_be_audited_is_not_done(desk: Desk, desk_database: str) -> None:
    client = await desk.login("agent")
    token = csrf_in(await (await client.get("/password")).text())
    with psycopg.connect(desk_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE desk_audit RENAME TO desk_audit_away")
    assert (await client.post("/logout", data={"csrf": token}, allow_redirects=False)).status == 503
    assert (await client.get("/password", allow_redirects=False)).status == 200
