"""What the supervisor tells a worker."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ari_app.service.layout import Layout, WorkerFiles
from ari_app.settings import Settings


def app_of(app: str, worker: int) -> str:
    """The Stasis application of a worker; ``app`` is that of the settings."""
    return f"{app}-{worker}"


def _for_worker(settings: Settings, worker: int) -> Settings:
    asterisk = settings.asterisk.model_copy(update={"app": app_of(settings.asterisk.app, worker)})
    return settings.model_copy(update={"asterisk": asterisk})


@dataclass(frozen=True, slots=True)
class MindConfig:
    """What the supervisor hands over."""

    settings: Settings
    layout: Layout
    runtime_root: Path
    database_url: str
    ari: Mapping[str, str]
    ami: Mapping[str, str]
    asterisk_version: str
    control_token: str = ""
    """Opens the control of live calls; empty: there is none."""
    worker: int = 1
    """Which of the workers this is, from 1."""
    workers: int = 1
    """How many share the Asterisk, this one included."""

    @property
    def files(self) -> WorkerFiles:
        return self.layout.worker(self.worker)

    @classmethod
    def read(cls, path: Path) -> "MindConfig":
        """Raises OSError, ValueError, KeyError: the file is the supervisor's own, a fault in it is a fault of ours."""
        tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        worker = int(tree.get("worker", 1))
        return cls(
            _for_worker(Settings.model_validate(tree["settings"]), worker),
            Layout(Path(tree["data"])),
            Path(tree["runtime_root"]),
            tree["database_url"],
            tree["ari"],
            tree["ami"],
            tree["asterisk_version"],
            tree.get("control_token", ""),
            worker,
            int(tree.get("workers", 1)),
        )
