"""What every broker of one's own (``tasks.broker``) has to pass, and how the tests run one."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from ari_app.pbx import leash
from handoff.tasks.app import BrokerAway, TaskQueue
from handoff.tasks.job import Connection
from handoff.tasks.outbox import add_job
from tests.handoff.tasks.test_tasks_killed import NEVER, done, each_done_once, lines, seen, until, worker

JOBS = 30
_START_S = 60.0
_STOP_S = 20.0


@contextmanager
def running(command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """``command`` from the moment it listens on ``port``; it works in ``folder``, writes its log there, and ends with the tests."""
    log, bound = folder / f"{port}.log", [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *command]
    with log.open("wb") as file:
        process = subprocess.Popen(bound, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=folder, env=environment)
    try:
        deadline = time.monotonic() + _START_S
        while not _listens(port):
            started = process.poll() is None and time.monotonic() < deadline
            assert started, f"exit {process.poll()}: {log.read_text(encoding='utf-8', errors='replace')[-3000:]}"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        finally:
            process.kill()
            process.wait(10)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def a_killed_worker_loses_and_doubles_nothing(url: str, db: Connection, folder: Path, broker: str) -> None:
    db.execute("CREATE TABLE marks (subject text NOT NULL)")
    with db.transaction():
        assert all(add_job(db, "count", str(number)) for number in range(JOBS))
    with worker(url, folder, stop_after=6, broker=broker) as process:
        until(lambda: lines(folder) > 6, 30, process, db, folder)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert 5 <= done(db) < JOBS
    with worker(url, folder, stop_after=NEVER, broker=broker) as process:
        until(lambda: done(db) == JOBS, 40, process, db, folder)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, seen(process, db, folder)
    each_done_once(db, JOBS)
    assert lines(folder) > JOBS, "no job was interrupted: the test shows nothing"
    assert not list((folder / "broker").rglob("*.msg")), "the embedded broker is not used beside it"


def it_is_said(broker: str, folder: Path, *untold: str) -> None:
    """That ``broker`` takes nothing, without a word of ``untold``."""
    with pytest.raises(BrokerAway, match=r"tasks\.broker") as caught:
        TaskQueue(broker, folder).send("count", "1")
    assert not [word for word in untold if word in str(caught.value)]
