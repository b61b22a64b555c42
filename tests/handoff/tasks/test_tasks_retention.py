"""Retention on a seeded database and a folder of recordings."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from handoff.desk.secret import DeskSecret
from handoff.tasks.job import Connection
from handoff.tasks.outbox import add_job
from handoff.tasks.retention import Retention
from handoff.tasks.settings import RetentionSettings
from tests.handoff.tasks.conftest import Calls, Do

pytestmark = pytest.mark.postgres
SECRET = DeskSecret(b"a secret that is only for tests, really")
DAY = timedelta(days=1)
TABLES = ("turns", "events", "cards", "callbacks", "agent_wrap_ups", "call_reviews")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "recordings").mkdir()
    return tmp_path / "recordings"


def retention(url: str, folder: Path, **days: object) -> Retention:
    return Retention(RetentionSettings.model_validate({"batch": 2, **days}), url, folder, lambda: SECRET)


def a_call(db: Connection, calls: Calls, folder: Path, call_id: str, age: timedelta, *, ended: bool = True) -> None:
    """With something in every table, and two legs."""
    calls.call(call_id, age=age, ended=ended)
    calls.turn(call_id, 1, "caller", "words", 0, 1000)
    calls.event(call_id, "connected", 10)
    calls.card(f"card-{call_id}", call_id)
    calls.callback(call_id, "+441632960011")
    db.execute("INSERT INTO call_reviews (call_id, ended_seq, summary) VALUES (%s, 1, 'words')", (call_id,))
    db.execute("INSERT INTO agent_wrap_ups (call_id, agent, disposition, notes) VALUES (%s, 'ada', 'Resolved', 'words')", (call_id,))
    for leg in ("caller", "agent"):
        path = folder / f"{call_id}-{leg}.wav"
        path.write_bytes(b"x" * 100)
        moment = (datetime.now(UTC) - age).timestamp()
        os.utime(path, (moment, moment))


def left(db: Connection, table: str) -> set[str]:
    """Calls that have rows there."""
    column = "id" if table == "calls" else "call_id"
    query = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table))
    return {row[column] for row in db.execute(query)}


def run(db: Connection, do: Do, what: Retention) -> None:
    add_job(db, "retention", "now")
    db.execute("UPDATE task_runs SET state = 'waiting' WHERE task = 'retention'")
    assert do(what.handle, "retention", "now")["state"] == "done"


def audit(db: Connection) -> list[tuple[str, dict[str, int]]]:
    return [(row["action"], row["detail"]) for row in db.execute("SELECT action, detail FROM desk_audit ORDER BY seq")]


def test_each_part_goes_when_its_days_are_over(url: str, db: Connection, calls: Calls, do: Do, folder: Path) -> None:
    for name, days in (("new", 1), ("month", 40), ("year", 400), ("old1", 800), ("old2", 800), ("old3", 800)):
        a_call(db, calls, folder, name, days * DAY)
    a_call(db, calls, folder, "live", 800 * DAY, ended=False)
    what = retention(url, folder, recordings_days=30, transcripts_days=365, metadata_days=730)
    plan = what.report(datetime.now(UTC))
    expected = {"recordings": 10, "recording_bytes": 1000, "transcripts": 4, "turns": 4, "events": 4, "cards": 4, "calls": 3}
    assert plan.counts() == expected
    assert len(left(db, "calls")) == 7 and len(list(folder.iterdir())) == 14, "the report changed something"
    run(db, do, what)
    assert left(db, "calls") == {"new", "month", "year", "live"}
    for table in ("turns", "events", "cards"):
        assert left(db, table) == {"new", "month", "live"}
    for table in ("callbacks", "call_reviews", "agent_wrap_ups"):
        assert left(db, table) == {"new", "month", "year", "live"}
    assert (
        db.execute(
            "SELECT FROM call_reviews r JOIN agent_wrap_ups w USING (call_id) WHERE call_id = 'year' AND summary || notes <> ''"
        ).fetchone()
        is None
    )
    assert {path.name.rpartition("-")[0] for path in folder.iterdir()} == {"new", "live"}
    [(begins, planned), (done, gone)] = audit(db)
    assert (begins, done) == ("retention_begins", "retention_done")
    assert planned == expected
    # Words of calls that go whole are gone before.
    assert gone == expected
    run(db, do, what)
    assert len(audit(db)) == 2, "it was done again although nothing was left"


def test_nothing_is_kept_after_the_call(url: str, db: Connection, calls: Calls, do: Do, folder: Path) -> None:
    a_call(db, calls, folder, "over", timedelta(hours=2))
    a_call(db, calls, folder, "just", timedelta(minutes=5))
    a_call(db, calls, folder, "live", timedelta(hours=2), ended=False)
    a_call(db, calls, folder, "back", timedelta(hours=2))
    calls.event("back", "connected", 2 * 3600 * 1000)  # came back from the queue just now
    os.utime(folder / "back-caller.wav")
    os.utime(folder / "back-agent.wav")
    run(db, do, retention(url, folder, recordings_days=0, transcripts_days=0, metadata_days=0))
    for table in ("calls", *TABLES):
        assert left(db, table) == {"just", "live", "back"}, table
    assert {path.name.rpartition("-")[0] for path in folder.iterdir()} == {"just", "live", "back"}


def test_for_ever(url: str, db: Connection, calls: Calls, do: Do, folder: Path) -> None:
    a_call(db, calls, folder, "old", 10_000 * DAY)
    run(db, do, retention(url, folder, recordings_days=None, transcripts_days=None, metadata_days=None))
    assert left(db, "turns") == left(db, "calls") == {"old"}
    assert len(list(folder.iterdir())) == 2 and audit(db) == []


def test_files_that_are_none_of_ours_stay(url: str, db: Connection, do: Do, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.wav"
    outside.write_bytes(b"x")
    (folder / "notes.txt").write_bytes(b"x")
    (folder / "link-caller.wav").symlink_to(outside)
    (folder / "gone.wav").write_bytes(b"x")
    for path in (outside, folder / "notes.txt", folder / "gone.wav"):
        os.utime(path, (0, 0))
    run(db, do, retention(url, folder, recordings_days=1))
    assert outside.exists() and {path.name for path in folder.iterdir()} == {"notes.txt", "link-caller.wav"}


def test_what_cannot_be_written_down_is_not_done(url: str, db: Connection, calls: Calls, do: Do, folder: Path) -> None:
    a_call(db, calls, folder, "old", 1000 * DAY)
    db.execute("ALTER TABLE desk_audit RENAME TO desk_audit_away")
    add_job(db, "retention", "now")
    row = do(retention(url, folder).handle, "retention", "now")
    assert (row["state"], row["error"]) == ("waiting", "the audit could not be written, so nothing was removed")
    assert left(db, "turns") == {"old"} and len(list(folder.iterdir())) == 2
    db.execute("ALTER TABLE desk_audit_away RENAME TO desk_audit")
    assert do(retention(url, folder).handle, "retention", "now")["state"] == "done"
    assert left(db, "calls") == set()


def test_a_call_that_is_being_written_is_left_for_the_next_time(url: str, db: Connection, calls: Calls, do: Do, folder: Path) -> None:
    a_call(db, calls, folder, "old", 1000 * DAY)
    with psycopg.connect(url) as other:
        other.execute("SELECT FROM calls WHERE id = 'old' FOR UPDATE")
        run(db, do, retention(url, folder))
        assert left(db, "calls") == {"old"}


@pytest.mark.parametrize(
    "days", [{"metadata_days": 10, "recordings_days": 20}, {"metadata_days": 10, "transcripts_days": None, "recordings_days": 1}]
)
def test_a_call_cannot_go_before_its_words(days: dict[str, int | None]) -> None:
    with pytest.raises(ValueError, match="must not be longer than metadata_days"):
        RetentionSettings.model_validate(days)
