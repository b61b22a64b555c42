"""A Redis of one's own as broker (``tasks.broker``): a real one, with a password, and no job lost or doubled when a worker is killed."""

import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.tasks.app import BrokerAway, TaskQueue
from handoff.tasks.job import Connection
from handoff.tasks.outbox import add_job
from tests.e2e.tools import tools
from tests.free_ports import free_tcp
from tests.handoff.tasks.test_tasks_killed import NEVER, done, each_done_once, lines, seen, until, worker

JOBS = 30

pytestmark = pytest.mark.postgres


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """Its address, password included."""
    port, password = free_tcp(), secrets.token_urlsafe(12)
    config = tmp_path / "redis.conf"
    config.write_text(f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {tmp_path}\nsave ''\nappendonly no\n")
    process = subprocess.Popen(tools().command("redis-server", str(config)), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, "Redis does not start"
                time.sleep(0.05)
        yield f"redis://:{password}@127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait(10)


def test_a_killed_worker_loses_and_doubles_nothing(url: str, db: Connection, tmp_path: Path, redis: str) -> None:
    db.execute("CREATE TABLE marks (subject text NOT NULL)")
    with db.transaction():
        assert all(add_job(db, "count", str(number)) for number in range(JOBS))
    with worker(url, tmp_path, stop_after=6, broker=redis) as process:
        until(lambda: lines(tmp_path) > 6, 30, process, db, tmp_path)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert 5 <= done(db) < JOBS
    with worker(url, tmp_path, stop_after=NEVER, broker=redis) as process:
        until(lambda: done(db) == JOBS, 40, process, db, tmp_path)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, seen(process, db, tmp_path)
    each_done_once(db, JOBS)
    assert lines(tmp_path) > JOBS, "no job was interrupted: the test shows nothing"
    assert not list((tmp_path / "broker").rglob("*.msg")), "the embedded broker is not used beside it"


def test_a_wrong_password_is_said_without_telling_it(tmp_path: Path, redis: str) -> None:
    wrong = redis.replace("redis://:", "redis://:wrong-")
    with pytest.raises(BrokerAway) as caught:
        TaskQueue(wrong, tmp_path).send("count", "1")
    assert "tasks.broker" in str(caught.value)
    assert "wrong-" not in str(caught.value)


def test_a_redis_that_does_not_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(BrokerAway, match=r"tasks\.broker"):
        TaskQueue(f"redis://127.0.0.1:{free_tcp()}/0", tmp_path).send("count", "1")
