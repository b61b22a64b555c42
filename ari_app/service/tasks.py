"""The tasks process: reviews, webhooks, callbacks, recordings and retention, by a Celery worker of one process.

``python -m ari_app.service.tasks --config FILE``; the supervisor writes the file. It does nothing for calls: when it ends, work only waits.
"""

import argparse
import json
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ari_app.logs import configure
from ari_app.service.desk_links import SECRET_FILE
from ari_app.service.layout import Layout
from handoff.tasks.app import BrokerAway, WorkerFailed
from handoff.tasks.settings import TaskSettings
from handoff.tasks.worker import WorkerPlaces, handlers_of, work

log = logging.getLogger(__name__)

_BEHIND_CALLS: Final = 10
"""Niceness: converting an hour of sound must not make a call stutter."""


@dataclass(frozen=True, slots=True)
class TasksConfig:
    """What the supervisor hands over."""

    tasks: TaskSettings
    log_level: str
    """Loopback port of the worker that has the calls."""
    layout: Layout
    database_url: str

    @classmethod
    def read(cls, path: Path) -> "TasksConfig":
        """Raises OSError, ValueError, KeyError: the file is the supervisor's own, a fault in it is a fault of ours."""
        tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        settings = tree["settings"]
        return cls(
            TaskSettings.model_validate(settings.get("tasks", {})),
            settings["service"]["log_level"],
            Layout(Path(tree["data"])),
            tree["database_url"],
        )


def run(config: TasksConfig) -> None:
    """Until SIGTERM or SIGINT. Raises OSError, BrokerAway, WorkerFailed."""
    os.nice(_BEHIND_CALLS)
    layout = config.layout
    places = WorkerPlaces(config.database_url, layout.data / "tasks", layout.recordings, layout.data / SECRET_FILE)
    work(config.tasks, places, handlers_of(config.tasks, places))


def main() -> None:
    parser = argparse.ArgumentParser(description="The tasks process; started by the supervisor.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    config = TasksConfig.read(parser.parse_args().config)
    configure("tasks", config.log_level)
    try:
        run(config)
    except (OSError, BrokerAway) as error:
        log.error("tasks_not_started", extra={"error": str(error)})
        sys.exit(1)
    except WorkerFailed as error:
        log.error("tasks_ended", extra={"error": str(error), "remedy": "nothing is lost; the line before this one says why"})
        sys.exit(1)


if __name__ == "__main__":
    main()
