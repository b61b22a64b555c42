"""Jobs: written with their reason, handed out, tried again."""

import importlib.util
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from handoff.tasks.app import BrokerAway, TaskQueue
from handoff.tasks.clock import Clock
from handoff.tasks.job import Connection, Done, Ending, GivenUp, Job, JobFailed, Later
from handoff.tasks.outbox import MOST_AT_ONCE, add_job, connect, hand_out, take_back
from handoff.tasks.runner import MOST_TRIES, Runner
from handoff.tasks.settings import TaskSettings
from tests.handoff.tasks.conftest import Calls, Do

pytestmark = pytest.mark.postgres


class Collected:
    def __init__(self, most: int = 1000) -> None:
        self.jobs: list[tuple[str, str]] = []
        self._most = most

    def send(self, task: str, subject: str) -> None:
        if len(self.jobs) >= self._most:
            raise BrokerAway("full")
        self.jobs.append((task, subject))


def jobs(db: Connection) -> set[tuple[str, str]]:
    return {(row["task"], row["subject"]) for row in db.execute("SELECT task, subject FROM task_runs")}


def test_what_happens_in_calls_is_a_reason_for_jobs(db: Connection, calls: Calls) -> None:
    calls.call("c1", ended=False)
    assert jobs(db) == set()
    calls.end("c1", datetime.now(UTC))
    calls.card("k1", "c1")
    callback = calls.callback("c1", "+441632960011")
    first = {("review", "c1/1"), ("recording", "c1/1"), ("announce", "call.ended/c1/1")}
    assert jobs(db) == first | {("announce", "card.created/k1"), ("announce", f"callback.requested/{callback}")}
    db.execute("UPDATE cards SET revision = 2")
    calls.end("c1", datetime.now(UTC))  # they came back from a queue and have ended once more
    assert {("review", "c1/2"), ("recording", "c1/2"), ("announce", "call.ended/c1/2")} == {
        job for job in jobs(db) if job[1].endswith("/2")
    }
    assert len(jobs(db)) == 8


def test_a_reason_that_is_undone_leaves_no_job(url: str, db: Connection, calls: Calls) -> None:
    calls.call("c1", ended=False)
    with pytest.raises(ZeroDivisionError), connect(url) as other, other.transaction():
        other.execute("UPDATE calls SET ended_at = now(), ended_seq = 1")
        raise ZeroDivisionError
    assert jobs(db) == set()


def test_what_came_to_nothing_is_handed_out_again(db: Connection) -> None:
    add_job(db, "t", "a")
    queue = Collected()
    assert hand_out(db, queue, again_s=60) == 1
    assert hand_out(db, queue, again_s=60) == 0
    db.execute("UPDATE task_runs SET handed_at = now() - interval '61 seconds'")
    assert hand_out(db, queue, again_s=60) == 1
    assert take_back(db) == 1
    assert hand_out(db, queue, again_s=60) == 1
    assert queue.jobs == [("t", "a")] * 3


def test_no_more_wait_in_the_queue_than_it_can_do(db: Connection) -> None:
    db.execute("INSERT INTO task_runs (task, subject) SELECT 't', n::text FROM generate_series(1, 250) AS n")
    queue = Collected()
    assert hand_out(db, queue, again_s=60) == MOST_AT_ONCE
    assert hand_out(db, queue, again_s=60) == 0
    db.execute(
        "UPDATE task_runs SET state = 'done' WHERE (task, subject) IN (SELECT task, subject FROM task_runs WHERE state = 'handed' LIMIT 7)"
    )
    assert hand_out(db, queue, again_s=60) == 7


def test_what_a_broker_refuses_stays(db: Connection) -> None:
    for subject in "abc":
        add_job(db, "t", subject)
    with pytest.raises(BrokerAway):
        hand_out(db, Collected(most=1), again_s=60)
    states = [row["state"] for row in db.execute("SELECT state FROM task_runs ORDER BY state")]
    assert states == ["handed", "waiting", "waiting"]


def test_a_broker_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(BrokerAway, match=r"tasks\.broker"):
        TaskQueue("amqp://127.0.0.1:1//", tmp_path).send("t", "a")


def test_a_package_that_is_missing_for_redis_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BrokerAway, match="pip install redis"):
        TaskQueue("redis://127.0.0.1:1/0", tmp_path)


def test_the_clock_goes_on_after_the_database_and_the_broker_were_away(url: str, db: Connection) -> None:
    class Moody(Collected):
        away = True

        def send(self, task: str, subject: str) -> None:
            if self.away:
                self.away = False
                raise BrokerAway("not yet")
            super().send(task, subject)

    queue = Moody()
    add_job(db, "t", "before")
    clock = Clock(TaskSettings(sweep_s=0.05), url, queue)
    clock.start()
    try:
        _until(lambda: ("t", "before") in queue.jobs)
        killed = db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'patchcord-tasks'").fetchall()
        assert killed
        add_job(db, "t", "after")
        _until(lambda: ("t", "after") in queue.jobs)
    finally:
        clock.stop()
    assert [task for task, _ in queue.jobs].count("retention") == 1


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_one_job_is_done_by_one_at_a_time(url: str, db: Connection, do: Do) -> None:
    add_job(db, "t", "a")
    began, go_on, times = threading.Event(), threading.Event(), []

    def slow(job: Job, connection: Connection) -> Ending:
        times.append(job.subject)
        began.set()
        assert go_on.wait(5)
        return Done()

    thread = threading.Thread(target=Runner(url, {"t": slow}).run, args=("t", "a"))
    thread.start()
    assert began.wait(5)
    assert hand_out(db, Collected(), again_s=0) == 0, "a job that is being done was handed out"
    Runner(url, {"t": slow}).run("t", "a")
    go_on.set()
    thread.join(5)
    assert do(slow, "t", "a")["state"] == "done"
    assert times == ["a"]


@pytest.mark.parametrize("ending", [Later(60, "not yet"), GivenUp("never")])
def test_endings(db: Connection, do: Do, ending: Ending) -> None:
    add_job(db, "t", "a")
    row = do(lambda job, connection: ending, "t", "a")
    assert (row["state"], row["error"]) == (("waiting", "not yet") if isinstance(ending, Later) else ("failed", "never"))
    assert (row["due_at"] > datetime.now(UTC)) == isinstance(ending, Later)


def test_a_failed_try_leaves_nothing_behind(db: Connection, do: Do, caplog: pytest.LogCaptureFixture) -> None:
    add_job(db, "t", "a")

    def fails(job: Job, connection: Connection) -> Ending:
        connection.execute("CREATE TABLE left_behind ()")
        connection.execute("SELECT %s::integer", ("what the caller said",))
        return Done()

    row = do(fails, "t", "a")
    assert (row["state"], row["error"], row["tries"]) == ("waiting", "InvalidTextRepresentation", 1)
    assert "what the caller said" not in "".join(str(vars(record)) for record in caplog.records)
    with pytest.raises(psycopg.errors.UndefinedTable):
        db.execute("SELECT FROM left_behind")


def test_a_job_that_fails_always_is_given_up(db: Connection, do: Do) -> None:
    add_job(db, "t", "a")

    def fails(job: Job, connection: Connection) -> Ending:
        raise JobFailed("the disk is full")

    waits = []
    for _ in range(MOST_TRIES - 1):
        row = do(fails, "t", "a")
        waits.append((row["due_at"] - datetime.now(UTC)).total_seconds())
    assert waits == sorted(waits) and waits[-1] < 3601
    row = do(fails, "t", "a")
    assert (row["state"], row["error"]) == ("failed", "the disk is full")
