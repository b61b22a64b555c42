"""What PostgreSQL says of itself in ``postmaster.pid``."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Postmaster:
    pid: int
    socket_folder: Path | None
    status: str
    """``starting``, ``ready``, ``stopping``, ``standby``, or empty while it is being written."""


def running_postmaster(cluster: Path) -> Postmaster | None:
    """The server that runs on this data folder now, or None.

    The file alone proves nothing: after a crash its process id may belong to any other program. A server works in its data folder.
    """
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if not works_in(pid, cluster):
        return None
    lines += [""] * (8 - len(lines))
    folder = lines[4].strip()
    return Postmaster(pid, Path(folder) if folder else None, lines[7].strip())


def works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
