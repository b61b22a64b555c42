"""What a running instance leaves for the other commands, and the lock that keeps a second one out of its data directory."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO


class NotRunning(Exception):
    """No instance runs on this data directory; the message says how to start one."""


class AlreadyRunning(Exception):
    """Another instance holds this data directory; the message names it."""


@dataclass(frozen=True, slots=True)
class ServiceState:
    pid: int
    http_port: int
    sip_host: str
    sip_port: int
    processes: dict[str, int]
    """Process ids by name: supervisor, postgres, asterisk, media, mind (those that are ours)."""


def write_private(path: Path, text: str) -> None:
    """Write atomically, readable by the owner only."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def write_state(path: Path, state: ServiceState) -> None:
    write_private(path, json.dumps(asdict(state), indent=2))


def read_state(path: Path, data: Path) -> ServiceState:
    """Raises NotRunning, also when what is written there belongs to a dead process."""
    remedy = f"No Patchcord is running on {data}. Start it with: ./patchcord up"
    try:
        state = ServiceState(**json.loads(path.read_text(encoding="utf-8")))
        os.kill(state.pid, 0)
    except (OSError, ValueError, TypeError) as error:
        raise NotRunning(remedy) from error
    return state


def hold(lock_file: Path, data: Path) -> IO[str]:
    """Take the data directory; it is free again when the returned file is closed or the process ends.

    Raises AlreadyRunning.
    """
    handle = lock_file.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.seek(0)
        owner = handle.read().strip() or "unknown"
        handle.close()
        raise AlreadyRunning(
            f"{data} is in use by process {owner}. Stop it with: ./patchcord down --data {data}; or choose another --data and ports."
        ) from error
    handle.seek(0)
    handle.truncate()
    handle.write(str(os.getpid()))
    handle.flush()
    return handle
