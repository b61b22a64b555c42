"""Writes a backup and reads one back. An archive is readable by its owner only: it holds passwords and what callers said."""

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from ari_app.backup.contents import DATABASE, FORMAT, MANIFEST, files_of, names
from ari_app.service.layout import Layout
from handoff.records.dump import dump, load
from handoff.records.migrate import read_migrations

_LARGEST_MANIFEST: Final = 100_000


class BackupError(Exception):
    """The archive cannot be written, read or used; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Manifest:
    format: int
    made_at: str
    """ISO 8601, UTC."""
    schema: int
    """Number of the database's newest migration when it was made."""
    files: int
    recordings: bool


Progress = Callable[[str], None]


def write_backup(
    layout: Layout, url: str, out: BinaryIO, now: datetime, *, recordings: bool, told: Progress = lambda line: None
) -> Manifest:
    """Write the archive (tar, gzip) of the instance to ``out``; calls may go on meanwhile.

    Raises DumpFailed, BackupError.
    """
    with tempfile.TemporaryDirectory(prefix="patchcord-backup-", dir=layout.run if layout.run.is_dir() else None) as folder:
        dumped = Path(folder) / DATABASE
        told("writing out the database")
        dump(url, dumped)
        members = list(files_of(layout, recordings=recordings))
        schema = max(migration.number for migration in read_migrations())
        manifest = Manifest(FORMAT, now.isoformat(timespec="seconds"), schema, len(members), recordings)
        try:
            with tarfile.open(fileobj=out, mode="w|gz") as archive:
                _add_text(archive, MANIFEST, json.dumps(asdict(manifest), indent=1))
                archive.add(dumped, DATABASE, recursive=False)
                for index, (name, path) in enumerate(members):
                    told(f"{index + 1} of {len(members)}: {name}")
                    _add_if_there(archive, name, path)
        except OSError as error:
            raise BackupError(f"the backup could not be written ({error.strerror or error}). Free space, or write it elsewhere.") from error
    return manifest


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    body = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(body), 0o600
    archive.addfile(entry, io.BytesIO(body))


def _add_if_there(archive: tarfile.TarFile, name: str, path: Path) -> None:
    """What has gone meanwhile, such as a recording that the purge took, or a journal that was written off, is no loss.

    As long as it is now: what is appended while we read belongs to the next backup.
    """
    try:
        with path.open("rb") as file:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = os.fstat(file.fileno()).st_size, int(os.fstat(file.fileno()).st_mtime), 0o600
            archive.addfile(entry, file)
    except FileNotFoundError:
        return


@contextmanager
def opened(source: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest, and a folder with what is in the archive, which goes afterwards.

    Raises BackupError: not an archive of ours, damaged, of a newer version, or with names that lead elsewhere.
    """
    with tempfile.TemporaryDirectory(prefix="patchcord-restore-") as name:
        folder = Path(name)
        try:
            with tarfile.open(source, "r:gz") as archive:
                for entry in archive:
                    _check(entry)
                    _unpack(archive, entry, folder / entry.name)
        except (OSError, EOFError, tarfile.TarError) as error:
            raise BackupError(f"{source} cannot be read as a backup: {error}. Take another one.") from error
        yield _manifest(folder, source), folder


def _unpack(archive: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> None:
    """Its bytes alone; owner, mode and times stay what they are here. (``extract`` knows its safe filters from Python 3.11.4 on only.)"""
    target.parent.mkdir(parents=True, exist_ok=True)
    content = archive.extractfile(entry)
    if content is None:
        raise BackupError(f"the archive holds '{entry.name[:80]}', which is no file. It was changed: do not use it.")
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _check(entry: tarfile.TarInfo) -> None:
    top = PurePosixPath(entry.name).parts[:1]
    allowed = {MANIFEST, DATABASE, *names(recordings=True)}
    if not entry.isreg() or ".." in PurePosixPath(entry.name).parts or not top or top[0] not in allowed:
        raise BackupError(f"the archive holds '{entry.name[:80]}', which no backup of ours does. It was changed: do not use it.")


def _manifest(folder: Path, source: Path) -> Manifest:
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")[:_LARGEST_MANIFEST]
        manifest = Manifest(**json.loads(text))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{source} is no backup of Patchcord: it has no {MANIFEST} that can be read.") from error
    newest = max(migration.number for migration in read_migrations())
    if manifest.format != FORMAT or manifest.schema > newest:
        raise BackupError(
            f"{source} was made by a newer Patchcord (format {manifest.format}, schema {manifest.schema}; "
            f"this one knows {FORMAT} and {newest}). Restore it with that version."
        )
    if not (folder / DATABASE).is_file():
        raise BackupError(f"{source} holds no {DATABASE}. Take another backup.")
    return manifest


def put_back(folder: Path, layout: Layout, url: str, told: Progress = lambda line: None) -> int:
    """Fill an empty database and copy the files; the count of files. Raises DumpFailed, BackupError."""
    told("reading in the database")
    load(url, folder / DATABASE)
    count = 0
    try:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if not path.is_file() or str(name) in (MANIFEST, DATABASE):
                continue
            target = layout.data / name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(path, target)
            target.chmod(0o600)
            count += 1
    except OSError as error:
        raise BackupError(f"{error.filename}: {error.strerror}. Free space or mend its permissions, and restore again.") from error
    return count
