"""``patchcord backup`` and ``patchcord restore``."""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ari_app.backup.archive import BackupError, Manifest, opened, put_back, write_backup
from ari_app.commands.instance import mind_config
from ari_app.service.layout import Layout
from ari_app.service.state import NotRunning, hold, read_state
from ari_app.settings import load_settings
from handoff.records.dump import holds_tables
from handoff.records.server import EmbeddedServer


async def backup(options: argparse.Namespace) -> int:
    """Raises BackupError, DumpFailed, NotRunning, ServerError."""
    layout = Layout(options.data.resolve())
    url = str(mind_config(layout)["database_url"])
    try:
        read_state(layout.state_file, layout.data)
    except NotRunning:
        return _resting(options, layout, url)
    return _write(options, layout, url)


def _resting(options: argparse.Namespace, layout: Layout, url: str) -> int:
    """The embedded database is started for as long as it takes."""
    with hold(layout.lock_file, layout.data):
        if not (layout.data / "postgres").is_dir():
            return _write(options, layout, url)
        server = EmbeddedServer(layout.data / "postgres")
        try:
            return _write(options, layout, server.start())
        finally:
            server.stop()


def _write(options: argparse.Namespace, layout: Layout, url: str) -> int:
    if options.file == "-":
        if sys.stdout.isatty():
            raise BackupError("a backup is no text: send it to a file or a pipe")
        write_backup(layout, url, sys.stdout.buffer, datetime.now(UTC), recordings=options.recordings)
        return 0
    path = Path(options.file)
    temporary = path.with_name(f".{path.name}.part")
    try:
        with _new(path, temporary) as out:
            manifest = write_backup(layout, url, out, datetime.now(UTC), recordings=options.recordings, told=_told)
        os.link(temporary, path)  # fails when somebody has made one of that name meanwhile
    except OSError as error:
        raise BackupError(f"{path}: {error.strerror}. Name a file that does not exist, in a folder that can be written.") from error
    finally:
        temporary.unlink(missing_ok=True)
    print(f"{path}: {_about(manifest)}, {path.stat().st_size / 1e6:.1f} MB. It holds passwords: keep it safe.")
    return 0


def _new(path: Path, temporary: Path) -> BinaryIO:
    if path.exists():
        raise BackupError(f"{path} is there already. Name a new file.")
    return os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _told(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


def _about(manifest: Manifest) -> str:
    return f"database (schema {manifest.schema}) and {manifest.files} files of {manifest.made_at}" + (
        ", with recordings" if manifest.recordings else ""
    )


async def restore(options: argparse.Namespace) -> int:
    """Raises BackupError, DumpFailed, ServerError, SettingsError, AlreadyRunning."""
    layout = Layout(options.data.resolve())
    settings = load_settings(options.config or _usual_config())
    with opened(options.file) as (manifest, folder):
        for name in ("secrets.json", "postgres"):
            if (layout.data / name).exists():
                raise BackupError(f"{layout.data} holds an instance already ({name}). Name an empty folder with --data.")
        layout.make()
        with hold(layout.lock_file, layout.data):
            if settings.database.url:
                count = _fill(settings.database.url, folder, layout)
            else:
                server = EmbeddedServer(layout.data / "postgres")
                try:
                    count = _fill(server.start(), folder, layout)
                finally:
                    server.stop()
        _told("")
        print(f"{layout.data}: {_about(manifest)} restored, {count} files. Start it with: ./patchcord up --data {options.data}")
    return 0


def _usual_config() -> Path | None:
    path = Path("patchcord.yaml")
    return path if path.is_file() else None


def _fill(url: str, folder: Path, layout: Layout) -> int:
    if holds_tables(url):
        raise BackupError("the database holds tables already: nothing is overwritten. Name an empty one in database.url.")
    return put_back(folder, layout, url, _told)
