"""A worker whose one task takes a while and leaves a mark for each time it was done; run as a process, to be killed."""

import json
import logging
import sys
import time
from pathlib import Path

from handoff.tasks.job import Connection, Done, Ending, Job
from handoff.tasks.settings import TaskSettings
from handoff.tasks.worker import WorkerPlaces, work


def count(job: Job, connection: Connection) -> Ending:
    connection.execute("INSERT INTO marks (subject) VALUES (%s)", (job.subject,))
    time.sleep(0.03)
    # Outside of the transaction: shows how often it was begun.
    begun = Path(sys.argv[2])
    with begun.open("a", encoding="utf-8") as file:
        file.write(f"{job.subject}\n")
    time.sleep(0.03)
    while len(begun.read_text(encoding="utf-8").splitlines()) > told["stop_after"]:
        time.sleep(0.02)  # until the kill, however late that comes
    return Done()


if __name__ == "__main__":
    # Celery's loggers are silent otherwise, also of an error that ends it.
    logging.basicConfig(level=logging.WARNING)
    told = json.loads(sys.argv[1])
    folder = Path(told["folder"])
    places = WorkerPlaces(told["url"], folder / "broker", folder / "recordings", folder / "desk.secret")
    work(TaskSettings.model_validate(told["settings"]), places, {"count": count})
