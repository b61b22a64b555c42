"""``patchcord run``: one part of an instance, alone in its container or unit. ``patchcord fetch``: what a start needs, and no start."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ari_app.commands.progress import ProgressBar
from ari_app.commands.run.health import ill
from ari_app.commands.up import RUNTIME, access_config, settings_for, up_with
from ari_app.logs import configure
from ari_app.pbx.install import ensure_runtime, ensure_voices
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.service.layout import PROJECT, Layout
from ari_app.service.state import write_private
from ari_app.service.supervisor import shared_config
from ari_app.settings import Settings, SettingsError

_MODULES = {"desk": "ari_app.service.desk", "tasks": "ari_app.service.tasks"}


async def run(options: argparse.Namespace) -> int:
    """Exit status of the part; with --healthy 0 or 1. Raises SettingsError, ConfigError, DataUnusable and what ``up`` raises."""
    settings = settings_for(options)
    layout = Layout(options.data.resolve())
    if options.healthy:
        reason = await ill(options.part, settings, layout)
        print(reason or f"The {options.part} is well.")
        return 1 if reason else 0
    _check(settings)
    if options.part == "worker":
        return await up_with(options, worker_settings(settings))
    layout.make()
    become(options.part, settings, layout)
    raise AssertionError("this program was replaced")


def worker_settings(settings: Settings) -> Settings:
    """Without the parts that run elsewhere."""
    desk, tasks = (part.model_copy(update={"enabled": False}) for part in (settings.desk, settings.tasks))
    return settings.model_copy(update={"desk": desk, "tasks": tasks})


def handed_over(settings: Settings, layout: Layout) -> dict[str, Any]:
    """What the supervisor hands to these parts when it starts them itself. Raises ConfigError."""
    secrets = load_or_create_secrets(layout.data, settings=settings)
    return shared_config(settings, access_config(secrets, layout), settings.database.url)


def become(part: str, settings: Settings, layout: Layout, execute: Callable[..., object] = os.execve) -> None:
    """Replace this program by the part: it is then the process that the container or the unit sees."""
    file = layout.run / f"{part}.json"
    write_private(file, json.dumps(handed_over(settings, layout)))
    configure(part, settings.service.log_level)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1", "OPENBLAS_NUM_THREADS": "1"}
    execute(sys.executable, [sys.executable, "-m", _MODULES[part], "--config", str(file)], environment)


def _check(settings: Settings) -> None:
    if not settings.database.url:
        raise SettingsError(
            "database.url is empty: parts that run apart share one PostgreSQL. Name it there, or in PATCHCORD_DATABASE__URL_FILE; "
            "./patchcord up brings its own."
        )


async def fetch(options: argparse.Namespace) -> int:
    """Raises SettingsError, PackageError, InstallError."""
    settings = settings_for(options)
    bar = ProgressBar()
    valid = not options.accept_old_mirror
    try:
        if settings.asterisk.source == "external":
            await ensure_voices(RUNTIME, bar.show, check_valid_until=valid)
        else:
            await ensure_runtime(RUNTIME, settings, bar.show, check_valid_until=valid)
    finally:
        bar.close()
    size = await asyncio.to_thread(_megabytes, RUNTIME)
    print(f"Everything that a start needs is in {RUNTIME} ({size} MB).")
    return 0


def _megabytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) // 1_000_000
