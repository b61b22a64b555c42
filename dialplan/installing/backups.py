"""The sets that were in force before, newest last: ``.patchcord/backups/0007-20261224T180000Z/``."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dialplan.generated import FOLDER

from .errors import Refused
from .folder import EtcFolder

KEEP = 10
_NAME = re.compile(r"(\d{4,})-(\d{8}T\d{6}Z)")
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """One set of files."""

    number: int
    at: datetime
    path: Path

    def files(self) -> dict[str, str]:
        """Return ``patchcord.d/NAME`` to text."""
        found = (path for path in sorted(self.path.iterdir()) if path.is_file() and not path.is_symlink())
        return {f"{FOLDER}/{path.name}": path.read_text(encoding="utf-8", errors="surrogateescape") for path in found}


def backups(folder: EtcFolder) -> list[Backup]:
    """Return all backups, the oldest first."""
    found = []
    for path in folder.state.joinpath("backups").glob("*"):
        if (match := _NAME.fullmatch(path.name)) and path.is_dir() and not path.is_symlink():
            found.append(Backup(int(match[1]), datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC), path))
    return sorted(found, key=lambda backup: backup.number)


def forget(folder: EtcFolder, backup: Backup) -> None:
    """Remove one backup of this folder."""
    if backup.path.parent == folder.state / "backups":
        shutil.rmtree(backup.path)


def find(folder: EtcFolder, number: int | None) -> Backup:
    """Return a backup by number, or the newest that differs from what is in force. Raises Refused."""
    found = backups(folder)
    if not found:
        raise Refused(f"There is no backup in {folder.state / 'backups'} yet. One is made by each 'dialplan apply' that changes something.")
    if number is None:
        current = folder.current()
        return next((backup for backup in reversed(found) if backup.files() != current), found[-1])
    match = next((backup for backup in found if backup.number == number), None)
    if match is None:
        raise Refused(f"There is no backup number {number}. There are: {', '.join(str(backup.number) for backup in found)}.")
    return match


def keep(folder: EtcFolder, files: Mapping[str, str], at: datetime, most: int = KEEP) -> Backup:
    """Write a set down, whole or not at all, and forget the oldest beyond ``most``."""
    place = folder.state / "backups"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = backups(folder)
    number = held[-1].number + 1 if held else 1
    final = place / f"{number:04}-{at.astimezone(UTC).strftime(_STAMP)}"
    unfinished = place / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    for name, text in files.items():
        descriptor = os.open(unfinished / Path(name).name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    unfinished.rename(final)
    for old in [*held][: max(0, len(held) + 1 - most)]:
        shutil.rmtree(old.path)
    return Backup(number, at, final)
