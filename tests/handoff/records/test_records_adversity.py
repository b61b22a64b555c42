"""The database goes away, the process is killed, a record cannot be stored: nothing is lost, nothing comes twice."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from agents.transcript import Turn
from handoff.records.reader import PostgresReader
from handoff.records.server import EmbeddedServer
from handoff.records.store import CallEnded, CallStarted, RecordsUnavailable
from handoff.records.writer import PostgresRecords
from tests.handoff.records.records_contract import card, rows

pytestmark = pytest.mark.postgres

PROJECT = Path(__file__).resolve().parents[3]
Query = Callable[..., list[tuple[object, ...]]]


def begin(writer: PostgresRecords, call_id: str) -> None:
    writer.call_started(CallStarted(call_id, datetime.now(UTC), time.monotonic(), "100", "", "front-desk", "x"))


def numbers(query: Query, call_id: str) -> list[object]:
    return [row[0] for row in query("SELECT (data->>'number')::int FROM events WHERE call_id = %s ORDER BY seq", call_id)]


def kill(server: EmbeddedServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.alive():
        time.sleep(0.01)


def start_writer(url: str, journal: Path, call_id: str, count: int) -> subprocess.Popen[bytes]:
    helper = Path(__file__).with_name("killed_writer.py")
    command = [sys.executable, str(helper), url, str(journal), call_id, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": str(PROJECT)})


def wait_for_call(query: Query, call_id: str) -> None:
    until = time.monotonic() + 10
    while not query("SELECT 1 FROM calls WHERE id = %s", call_id):
        assert time.monotonic() < until
        time.sleep(0.005)


async def record_for(writer: PostgresRecords, seconds: float, first: int) -> int:
    number = first
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for call_id in ("call-1", "call-2"):
            writer.event(call_id, "step", time.monotonic(), {"number": number})
        number += 1
        await asyncio.sleep(0.005)
    return number


async def test_server_killed_under_load(server: EmbeddedServer, writer: PostgresRecords, query: Query) -> None:
    begin(writer, "call-1")
    begin(writer, "call-2")
    count = await record_for(writer, 0.5, 0)
    kill(server)
    slowest = 0.0
    until = time.monotonic() + 3
    while time.monotonic() < until:
        start = time.perf_counter()
        writer.event("call-1", "step", time.monotonic(), {"number": count})
        writer.event("call-2", "step", time.monotonic(), {"number": count})
        slowest = max(slowest, time.perf_counter() - start)
        count += 1
        await asyncio.sleep(0.005)
    assert writer.pending() > 500
    assert writer.away_s > 1
    assert slowest < 0.2  # the call never waits for the database, even on a busy machine
    server.start()
    count = await record_for(writer, 0.3, count)
    assert await writer.flush(15)
    for call_id in ("call-1", "call-2"):
        assert numbers(query, call_id) == list(range(count))
    assert writer.away_s == 0
    assert writer.rejected.count == 0


async def test_writer_killed_while_the_database_is_away(server: EmbeddedServer, database: str, tmp_path: Path, query: Query) -> None:
    kill(server)
    journal = tmp_path / "journal"
    process = start_writer(database, journal, "call-1", 500)
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == b"done\n"
    process.kill()
    process.communicate()
    server.start()
    heir = PostgresRecords(database, journal)
    assert heir.pending() == 501
    await heir.open()
    assert await heir.flush(10)
    await heir.close()
    assert numbers(query, "call-1") == list(range(500))
    assert list(journal.iterdir()) == []


async def test_writer_killed_at_any_moment_doubles_nothing(database: str, tmp_path: Path, query: Query) -> None:
    """With the database there: part is written, part is not, and what was written is in the journal too."""
    journal = tmp_path / "journal"
    for attempt in range(3):
        process = start_writer(database, journal, f"call-{attempt}", 5000)
        wait_for_call(query, f"call-{attempt}")
        await asyncio.sleep(0.03 * attempt)
        process.kill()
        process.communicate()
    heir = PostgresRecords(database, journal)
    await heir.open()
    assert await heir.flush(10)
    await heir.close()
    assert heir.rejected.count == 0
    for attempt in range(3):
        found = numbers(query, f"call-{attempt}")
        assert found
        assert found == list(range(len(found)))


async def test_journal_that_is_written_twice_changes_nothing(database: str, tmp_path: Path, query: Query, reader: PostgresReader) -> None:
    journal, kept = tmp_path / "journal", tmp_path / "kept"
    first = PostgresRecords(database, journal)
    begin(first, "call-1")
    now = time.monotonic()
    said = Turn(1, "agent", "hi", "hi", now, now)
    first.turn("call-1", said)
    first.event("call-1", "step", now, {"number": 0})
    first.card(card("call-1", said))
    first.callback("call-1", "+15550101", "support")
    first.call_ended(CallEnded("call-1", datetime.now(UTC), "handover", "", {}))
    assert not await first.close()
    shutil.copytree(journal, kept)
    whole = []
    for folder in (journal, kept):
        heir = PostgresRecords(database, folder)
        assert heir.pending() == 6
        await heir.open()
        assert await heir.close()
        assert heir.rejected.count == 0
        whole.append(await reader.get_call("call-1"))
    assert whole[0] is not None
    assert whole[0] == whole[1]
    assert query("SELECT (SELECT count(*) FROM turns), (SELECT count(*) FROM callbacks), (SELECT count(*) FROM cards)") == [(1, 1, 1)]


async def test_poison_is_set_aside_and_the_rest_goes_on(writer: PostgresRecords, query: Query, caplog: pytest.LogCaptureFixture) -> None:
    begin(writer, "call-1")
    for number in range(10):
        writer.event("call-1", "step", time.monotonic(), {"number": number})
    now = time.monotonic()
    writer.turn("call-1", Turn(2**40, "caller", "secret words", "secret words", now, now))
    for number in range(10, 20):
        writer.event("call-1", "step", time.monotonic(), {"number": number})
    assert await writer.flush(10)
    assert numbers(query, "call-1") == list(range(20))
    assert writer.rejected.count == 1
    assert writer.rejected.path.stat().st_mode & 0o777 == 0o600
    (line,) = writer.rejected.path.read_text().splitlines()
    kept = json.loads(line)
    assert kept["sqlstate"] == "22003"
    assert kept["record"]["text"] == "secret words"
    (told,) = [item for item in caplog.records if item.message == "record_rejected"]
    assert "secret" not in str(vars(told))


async def test_records_of_other_shapes_are_set_aside(database: str, tmp_path: Path, query: Query) -> None:
    folder = tmp_path / "journal" / "00000000000000000001-1"
    folder.mkdir(parents=True)
    lines = [
        '{"id":"1","seq":1,"kind":"hologram","call_id":"call-1"}',
        '{"id":"2","seq":2,"kind":"event","call_id":"call-1"}',
        '{"id":"3","seq":2,"kind":"callback","call_id":"lone \\ud800","asked_at":"2030-01-02","number":"","queue":""}',
        '{"id":"4","seq":2,"kind":"callback","call_id":"nul \\u0000","asked_at":"2030-01-02","number":"","queue":""}',
        '{"id":"5","seq":2,"kind":"callback","call_id":"c","asked_at":{"no":"date"},"number":"","queue":""}',
        '{"id":"9d2e4b52-98f2-4b39-9ef3-d9f6c5a0a001","seq":3,"kind":"event","call_id":"c","event":"x","at":null,"at_ms":1,"data":{"number":1}}',
    ]
    (folder / "00000001.jsonl").write_text("\n".join(lines) + "\n")
    writer = PostgresRecords(database, tmp_path / "journal")
    await writer.open()
    assert await writer.flush(10)
    await writer.close()
    assert writer.rejected.count == 5
    assert numbers(query, "c") == [1]


async def test_mistake_of_ours_does_not_end_the_writing(
    database: str, tmp_path: Path, query: Query, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    writer = PostgresRecords(database, tmp_path / "journal")
    monkeypatch.setattr(writer, "_finish", None)
    monkeypatch.setattr("handoff.records.writer._LAST_RETRY_S", 0.05)
    await writer.open()
    writer.event("call-1", "step", time.monotonic(), {"number": 0})
    assert not await writer.flush(0.3)
    assert "records_writer_failed" in caplog.messages
    monkeypatch.undo()
    assert await writer.flush(5)
    assert await writer.close()
    assert numbers(query, "call-1") == [0]


async def test_times_that_are_none_are_stored(writer: PostgresRecords, query: Query) -> None:
    begin(writer, "call-1")
    writer.turn("call-1", Turn(1, "caller", "hi", "hi", float("nan"), float("inf")))
    writer.event("call-1", "step", float("-inf"), {"number": 0})
    assert await writer.flush(5)
    assert query("SELECT started_ms, ended_ms FROM turns") == [(0, 0)]
    assert numbers(query, "call-1") == [0]


async def test_hung_connection_is_given_up(database: str, writer: PostgresRecords, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff.records.writer._BATCH_TIMEOUT_S", 0.5)
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE events")
        writer.event("call-1", "step", time.monotonic(), {"number": 0})
        assert not await writer.flush(1.5)
        assert writer.pending() == 1
    assert await writer.flush(10)
    assert numbers(query, "call-1") == [0]


async def test_missing_tables_are_waited_for(server: EmbeddedServer, tmp_path: Path) -> None:
    writer = PostgresRecords(server.url, tmp_path / "journal")
    await writer.open()
    writer.event("call-1", "step", time.monotonic(), {})
    assert not await writer.close(0.3)
    assert writer.rejected.count == 0
    again = PostgresRecords(server.url, tmp_path / "journal")
    assert again.pending() == 1
    assert not await again.close()


async def test_backend_ended_by_an_administrator(writer: PostgresRecords, query: Query) -> None:
    begin(writer, "call-1")
    assert await writer.flush(5)
    query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'patchcord-records'")
    writer.event("call-1", "step", time.monotonic(), {"number": 1})
    assert await writer.flush(5)
    assert numbers(query, "call-1") == [1]


async def test_event_of_a_call_that_another_process_began(
    writer: PostgresRecords, reader: PostgresReader, database: str, tmp_path: Path
) -> None:
    begin(writer, "call-1")
    assert await writer.flush(5)
    other = PostgresRecords(database, tmp_path / "journal")
    await other.open()
    at = time.monotonic() + 2.0
    other.event("call-1", "later", at, {})
    other.turn("call-1", Turn(1, "caller", "hi", "hi", at, at + 0.25))
    assert await other.close()
    call = await reader.get_call("call-1")
    assert call is not None
    (event,), (turn,) = rows(call["events"]), rows(call["turns"])
    begun, over = turn["started_ms"], turn["ended_ms"]
    assert isinstance(begun, int)
    assert isinstance(over, int)
    assert event["at_ms"] == pytest.approx(2000, abs=50)
    assert begun == pytest.approx(2000, abs=50)
    assert over - begun == 250


async def test_live_pages_are_told(writer: PostgresRecords, database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as listener:
        await listener.execute("LISTEN patchcord_calls")
        begin(writer, "call-1")
        writer.event("call-1", "secret_kind", time.monotonic(), {"words": "secret"})
        assert await writer.flush(5)
        told = [json.loads(notice.payload) async for notice in listener.notifies(timeout=3, stop_after=2)]
    assert [(item["table"], item["call_id"]) for item in told] == [("calls", "call-1"), ("events", "call-1")]
    assert "secret" not in str(told)


async def test_reader_says_where_it_looked(tmp_path: Path) -> None:
    reader = PostgresReader(f"postgresql://someone:hush@/patchcord?host={tmp_path}", timeout_s=0.5)
    await reader.open()
    with pytest.raises(RecordsUnavailable, match="patchcord up") as raised:
        await reader.list_calls(1)
    await reader.close()
    assert str(tmp_path) in str(raised.value)
    assert "hush" not in str(raised.value)


async def test_reader_of_an_empty_database(server: EmbeddedServer) -> None:
    reader = PostgresReader(server.url)
    await reader.open()
    with pytest.raises(RecordsUnavailable, match="no tables"):
        await reader.list_calls(1)
    await reader.close()


async def test_reader_survives_a_restart_of_the_server(server: EmbeddedServer, reader: PostgresReader) -> None:
    assert await reader.list_calls(1) == []
    kill(server)
    with pytest.raises(RecordsUnavailable):
        await reader.list_calls(1)
    server.start()
    assert await reader.list_calls(1) == []
