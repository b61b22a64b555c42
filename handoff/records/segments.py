"""Segment files of the journal: one folder per writing process, locked while it lives, numbered files of JSON lines in it."""

import fcntl
import json
import os
import re
import time
from pathlib import Path

from handoff.records.encoding import Record

_NAME = re.compile(r"^(\d{8})\.jsonl$")


class Segments:
    """The folder of one writer. Opening it takes its lock, which the kernel drops when the process dies, however it dies."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock = lock

    @classmethod
    def create(cls, parent: Path) -> "Segments":
        """A new folder below ``parent``, named so that older ones sort first. Raises OSError."""
        folder = parent / f"{time.time_ns():020}-{os.getpid()}"
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        opened = cls.open(folder)
        if opened is None:
            raise OSError(f"{folder} was taken by another process")
        return opened

    @classmethod
    def open(cls, folder: Path) -> "Segments | None":
        """Lock an existing folder; None when its writer lives or the folder has just gone."""
        try:
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Somebody may have removed the folder between our open and our lock.
            if os.fstat(lock).st_ino == (folder / "lock").stat().st_ino:
                return cls(folder, lock)
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(lock)
        return None

    def numbers(self) -> list[int]:
        return sorted(int(match[1]) for path in self.folder.iterdir() if (match := _NAME.match(path.name)))

    def path(self, number: int) -> Path:
        return self.folder / f"{number:08}.jsonl"

    def remove(self) -> None:
        """Give up the folder after all its segments are gone."""
        (self.folder / "lock").unlink(missing_ok=True)
        self.folder.rmdir()
        self.release()

    def release(self) -> None:
        os.close(self._lock)


def abandoned(parent: Path) -> list[Segments]:
    """Folders whose writers are dead, oldest first; each is locked by us from now on."""
    if not parent.is_dir():
        return []
    folders = sorted(path for path in parent.iterdir() if path.is_dir())
    return [opened for folder in folders if (opened := Segments.open(folder)) is not None]


def encode_line(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def decode_line(line: bytes) -> Record | None:
    """None for a line that is no record: torn by a crash, or damaged."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or not all(name in record for name in ("id", "seq", "kind", "call_id")):
        return None
    return record
