"""The worker whole: the handlers of this version, the queue, and the clock beside it."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from handoff.desk.secret import load_or_make
from handoff.tasks.app import TaskQueue
from handoff.tasks.callbacks import Callbacks
from handoff.tasks.clock import BEAT_FILE, MINUTE_S, Clock
from handoff.tasks.job import Handlers
from handoff.tasks.recordings import Conversion
from handoff.tasks.retention import Retention
from handoff.tasks.runner import Runner
from handoff.tasks.settings import TaskSettings
from handoff.tasks.summaries import review
from handoff.tasks.webhooks import Webhooks

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerPlaces:
    """What the worker needs to know of its instance."""

    database_url: str
    broker: Path
    """Folder of the embedded broker."""
    recordings: Path
    desk_secret: Path
    """File; made when there is none."""


def handlers_of(settings: TaskSettings, places: WorkerPlaces) -> Handlers:
    """By the name of the task."""
    webhooks = Webhooks(settings.webhooks)
    return {
        "review": review,
        "recording": Conversion(settings.recordings, places.recordings).handle,
        "announce": webhooks.announce,
        "deliver": webhooks.deliver,
        "callback": Callbacks(settings.callbacks).handle,
        "retention": Retention(settings.retention, places.database_url, places.recordings, lambda: load_or_make(places.desk_secret)).handle,
    }


def work(settings: TaskSettings, places: WorkerPlaces, handlers: Handlers, *, minute_s: float = MINUTE_S) -> None:
    """Until SIGTERM or SIGINT. On the main thread. Raises OSError when the embedded broker's folder cannot be made, BrokerAway,
    WorkerFailed."""
    queue = TaskQueue(settings.broker, places.broker)
    runner = Runner(places.database_url, handlers, most_starts=settings.most_starts)
    for name, receiver in settings.webhooks.receivers.items():
        if not os.environ.get(receiver.secret_env, "").strip():
            log.error(
                "webhook_without_secret", extra={"receiver": name, "remedy": f"set {receiver.secret_env} and start the service again"}
            )
    places.broker.mkdir(parents=True, exist_ok=True, mode=0o700)
    clock = Clock(settings, places.database_url, queue, minute_s=minute_s, beat=places.broker / BEAT_FILE)
    clock.start()
    log.info("tasks_ready", extra={"broker": "own" if settings.broker else "embedded", "workers": settings.workers})
    try:
        queue.work(runner.run, workers=settings.workers)
    finally:
        clock.stop()
