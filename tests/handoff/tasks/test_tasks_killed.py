"""Jobs of a worker that is killed again and again: none is lost, none is done twice."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handoff.tasks.app import QUEUE
from handoff.tasks.job import Connection
from handoff.tasks.outbox import add_job

PROJECT = Path(__file__).resolve().parents[3]
JOBS = 50
KILLS = 3
NEVER = 1_000_000
SETTINGS = {"sweep_s": 0.05, "hand_again_s": 5.0, "most_starts": 100, "workers": 2}

pytestmark = pytest.mark.postgres


@contextmanager
def worker(url: str, folder: Path, *, stop_after: int, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    """``stop_after``: how many jobs may have been begun by this worker and those before it; those begun later hang until the kill."""
    told = json.dumps({"url": url, "folder": str(folder), "stop_after": stop_after, "settings": {**SETTINGS, **settings}})
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.handoff.tasks.counting_worker", told, str(folder / "begun")], cwd=PROJECT, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def until(condition: Callable[[], bool], limit_s: float, process: subprocess.Popen[bytes], db: Connection, folder: Path) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert process.poll() is None and time.monotonic() < end, seen(process, db, folder)
        time.sleep(0.02)


def seen(process: subprocess.Popen[bytes], db: Connection, folder: Path) -> str:
    states = {row["state"]: row["jobs"] for row in db.execute("SELECT state, count(*) AS jobs FROM task_runs GROUP BY state")}
    begun, log = folder / "begun", (folder / "worker.log").read_text(encoding="utf-8")
    last = f"{time.time() - begun.stat().st_mtime:.1f} s ago" if begun.exists() else "never"
    return f"worker's exit {process.poll()}, jobs {states}, {lines(folder)} begun, the last {last}; log:\n{log[-3000:]}"


def lines(folder: Path) -> int:
    begun = folder / "begun"
    return len(begun.read_text(encoding="utf-8").splitlines()) if begun.exists() else 0


def done(db: Connection) -> int:
    row = db.execute("SELECT count(*) AS done FROM task_runs WHERE task = 'count' AND state = 'done'").fetchone()
    assert row is not None
    return int(row["done"])


def each_done_once(db: Connection, jobs: int) -> None:
    marks = db.execute("SELECT subject, count(*) AS times FROM marks GROUP BY subject").fetchall()
    assert sorted(int(mark["subject"]) for mark in marks) == list(range(jobs))
    assert {mark["times"] for mark in marks} == {1}


def test_a_killed_worker_loses_and_doubles_nothing(url: str, db: Connection, tmp_path: Path) -> None:
    db.execute("CREATE TABLE marks (subject text NOT NULL)")
    with db.transaction():
        assert all(add_job(db, "count", str(number)) for number in range(JOBS))
    for _ in range(KILLS):
        before, stop_after = done(db), lines(tmp_path) + 6
        with worker(url, tmp_path, stop_after=stop_after) as process:
            # In the middle of a job: what is outside of the transaction is done, the job is not.
            until(lambda least=stop_after: lines(tmp_path) > least, 20, process, db, tmp_path)  # type: ignore[misc]
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        assert before + 5 <= done(db) < JOBS
    with worker(url, tmp_path, stop_after=NEVER) as process:
        until(lambda: done(db) == JOBS, 20, process, db, tmp_path)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, seen(process, db, tmp_path)
    each_done_once(db, JOBS)
    assert lines(tmp_path) >= JOBS + KILLS, "no job was interrupted: the test shows nothing"


def test_a_job_that_kills_the_worker_is_given_up(url: str, db: Connection, tmp_path: Path) -> None:
    db.execute("CREATE TABLE marks (subject text NOT NULL)")
    add_job(db, "count", "deadly")
    for times in (1, 2):
        with worker(url, tmp_path, stop_after=0, most_starts=2) as process:
            until(lambda least=times: lines(tmp_path) >= least, 20, process, db, tmp_path)  # type: ignore[misc]
            process.kill()
            process.wait(10)
    failed = "SELECT error FROM task_runs WHERE task = 'count' AND state = 'failed'"
    with worker(url, tmp_path, stop_after=0, most_starts=2) as process:
        until(lambda: db.execute(failed).fetchone() is not None, 20, process, db, tmp_path)
    row = db.execute(failed).fetchone()
    assert row is not None and "died 2 times" in row["error"]
    assert db.execute("SELECT 1 FROM marks").fetchone() is None


def test_a_worker_that_celery_has_given_up_does_not_end_well(url: str, db: Connection, tmp_path: Path) -> None:
    messages = tmp_path / "broker" / "messages"
    messages.mkdir(parents=True)
    (messages / f"1-a.{QUEUE}.msg").write_text("{")
    with worker(url, tmp_path, stop_after=NEVER) as process:
        assert process.wait(20) == 1
    log = (tmp_path / "worker.log").read_text(encoding="utf-8")
    assert "Unrecoverable error" in log and "WorkerFailed" in log
