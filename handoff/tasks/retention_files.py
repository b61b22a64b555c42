"""Recordings on disk that are older than they may become."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, LiteralString

from handoff.tasks.job import Connection

_NAME: Final = re.compile(r"\.?([A-Za-z0-9_-]{1,64}?)(-caller|-agent)?\.wav(\.part)?")

# Of these calls, those that are not over, or have ended since.
_KEEP: LiteralString = "SELECT id FROM calls WHERE id = ANY(%s) AND (ended_at IS NULL OR ended_at >= %s)"


@dataclass(frozen=True, slots=True)
class OldFile:
    path: Path
    bytes: int


def old_recordings(connection: Connection, folder: Path, before: datetime, quiet_since: datetime, batch: int) -> Iterator[list[OldFile]]:
    """In batches. A file that was written to since ``quiet_since`` belongs to a call that is not over, whatever its row says; one of a call
    that is not known (any more) is as old as its last change."""
    found: dict[str, list[tuple[OldFile, datetime]]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        match = _NAME.fullmatch(path.name)
        if match is None or path.is_symlink() or not path.is_file():
            continue
        status = path.stat()
        changed = datetime.fromtimestamp(status.st_mtime, UTC)
        if changed < quiet_since:
            found.setdefault(match[1], []).append((OldFile(path, status.st_size), changed))
    ids = list(found)
    for first in range(0, len(ids), batch):
        some = ids[first : first + batch]
        kept = {row["id"] for row in connection.execute(_KEEP, (some, before))}
        known = {row["id"] for row in connection.execute("SELECT id FROM calls WHERE id = ANY(%s)", (some,))}
        old = [file for one in some if one not in kept for file, changed in found[one] if one in known or changed < before]
        if old:
            yield old
