"""Celery behind a thin typed layer: the one place that knows of it. It carries task and subject; the job itself stands in the database."""

import importlib.util
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

import kombu.exceptions
from celery import Celery
from celery.worker import state

from handoff.tasks.broker import embedded_broker

QUEUE: Final = "patchcord-tasks"
_NAME: Final = "patchcord.task"

_ASK_ONCE_MORE: Final = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}

Handle = Callable[[str, str], None]
"""Does the job of that task and subject."""


class BrokerAway(Exception):
    """The broker took nothing; the message says what to look at."""


class WorkerFailed(Exception):
    """Celery ended by itself; it has written into the log why."""


class TaskQueue:
    """One broker and one queue. ``send`` works from any thread."""

    def __init__(self, url: str, folder: Path) -> None:
        """``url``: empty for the embedded broker in ``folder``. Raises OSError when that cannot be made, BrokerAway."""
        options: dict[str, str] = {}
        if url.startswith("redis") and importlib.util.find_spec("redis") is None:
            raise BrokerAway("tasks.broker is a Redis, for which a package is missing: pip install redis, or leave tasks.broker empty")
        self._where = "tasks.broker" if url else str(folder)
        if not url:
            url, options = embedded_broker(folder)
        self._app: Any = Celery("patchcord", broker=url, set_as_current=False)
        self._app.conf.update(
            broker_transport_options={**options, "polling_interval": 0.25} if options else _ASK_ONCE_MORE,
            broker_connection_retry_on_startup=True,
            task_default_queue=QUEUE,
            task_serializer="json",
            accept_content=["json"],
            task_ignore_result=True,
            task_acks_late=True,
            task_reject_on_worker_lost=True,
            task_publish_retry=False,
            worker_prefetch_multiplier=8,
            worker_hijack_root_logger=False,
            worker_redirect_stdouts=False,
            worker_enable_remote_control=False,
            worker_send_task_events=False,
        )

        connection = self._app.connection_for_write()  # not opened
        # AMQP's own errors, such as a password refused, are none of Kombu's.
        self._errors = (kombu.exceptions.KombuError, OSError, *connection.connection_errors, *connection.channel_errors)

    def send(self, task: str, subject: str) -> None:
        """Raises BrokerAway."""
        try:
            self._app.send_task(_NAME, args=(task, subject), queue=QUEUE)
        except self._errors as error:
            raise BrokerAway(
                f"the broker at {self._where} took no task ({type(error).__name__}): does it run, is it reached, does the password fit?"
            ) from error

    def work(self, handle: Handle, *, workers: int = 1) -> None:
        """Do what is sent, until SIGTERM or SIGINT; what is being done then is brought to its end. On the main thread. Raises
        WorkerFailed."""

        def patchcord_task(task: str, subject: str) -> None:
            handle(task, subject)

        self._app.task(name=_NAME)(patchcord_task)
        # It says of every task that it came and went: the jobs' own events tell more.
        for name in ("celery", "kombu"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._app.finalize()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)
        # Without Celery's own frame for a terminal: it writes to the log what is no JSON.
        worker = self._app.WorkController(
            pool="threads", concurrency=workers, without_gossip=True, without_mingle=True, without_heartbeat=True
        )
        worker.start()
        if worker.exitcode:
            raise WorkerFailed("Celery ended by itself")


def _end(number: int, frame: FrameType | None) -> None:
    """Looked at between messages."""
    state.should_stop = 0
