"""The thread beside the worker: writes what the time brings, and hands out what is due."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg

from handoff.tasks.app import BrokerAway
from handoff.tasks.callbacks import look_for_due
from handoff.tasks.job import Connection
from handoff.tasks.outbox import Queue, add_job, connect, hand_out, take_back
from handoff.tasks.schedule import due
from handoff.tasks.settings import TaskSettings

log = logging.getLogger(__name__)

BEAT_FILE: Final = "alive"
"""Touched in the worker's folder after every sweep, so that others can see whether the database and the broker are there."""
_SAY_AGAIN_S: Final = 30.0
MINUTE_S: Final = 60.0


class Clock:
    """Runs until ``stop``. A database or a broker that is away is waited for."""

    def __init__(self, settings: TaskSettings, url: str, queue: Queue, *, minute_s: float = MINUTE_S, beat: Path | None = None) -> None:
        """``minute_s``: seconds between looks at the callbacks and the timetable. ``beat``: touched after every sweep."""
        self._beat = beat
        self._settings = settings
        self._url = url
        self._queue = queue
        self._minute_s = minute_s
        self._stopping = threading.Event()
        self._said_at = float("-inf")
        self._minute_at = float("-inf")
        self._fresh = True
        self._thread = threading.Thread(target=self._run, name="tasks-clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self._sweep_all)
            self._stopping.wait(self._settings.sweep_s)

    def _sweep_all(self) -> None:
        with connect(self._url) as connection:
            if self._fresh and (jobs := take_back(connection)):
                log.info("tasks_taken_back", extra={"jobs": jobs})
            self._fresh = False
            while not self._stopping.is_set():
                self.sweep(connection)
                self._stopping.wait(self._settings.sweep_s)

    def sweep(self, connection: Connection) -> None:
        """Raises psycopg.Error, BrokerAway."""
        if time.monotonic() - self._minute_at >= self._minute_s:
            now = datetime.now(UTC)
            look_for_due(connection, self._settings.callbacks, now)
            for timed in due(self._settings.retention, now):
                add_job(connection, timed.task, timed.subject)
            self._minute_at = time.monotonic()
        hand_out(connection, self._queue, again_s=self._settings.hand_again_s)
        if self._beat is not None:
            self._beat.touch(mode=0o600)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (psycopg.Error, BrokerAway, OSError) as error:
            if time.monotonic() - self._said_at >= _SAY_AGAIN_S:
                self._said_at = time.monotonic()
                why = str(error) if isinstance(error, BrokerAway) else type(error).__name__
                log.error("tasks_wait", extra={"error": why, "remedy": "nothing is lost; see that PostgreSQL and the broker run"})
        except Exception:
            # A mistake of ours: said aloud each time, and no reason to leave all other work undone.
            log.exception("tasks_clock_failed")
