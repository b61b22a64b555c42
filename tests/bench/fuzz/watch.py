"""The instance before, during and after: processes, memory, open files, what calls hold, logs, calls on record."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from ari_app.commands.instance import mind_config
from ari_app.service.layout import Layout
from ari_app.service.state import read_state
from tests.bench import _processes

WATCHED: Final = ("asterisk", "mind", "desk", "media")
"""Names of processes that are fed, directly or not; with several workers each has a number behind."""
_HELD: Final = ("channels", "bridges", "rtp_ports", "conversations", "tasks")


@dataclass(frozen=True, slots=True)
class Look:
    """``memory_mb`` and ``files`` by process name."""

    pids: Mapping[str, int]
    memory_mb: Mapping[str, float]
    files: Mapping[str, int]


@dataclass(slots=True)
class Watch:
    layout: Layout
    _log_ends: dict[Path, int] = field(default_factory=dict)

    def look(self) -> Look:
        """Raises NotRunning."""
        pids = dict(read_state(self.layout.state_file, self.layout.data).processes)
        watched = {name: pid for name, pid in pids.items() if name.startswith(WATCHED)}
        memory = {name: _processes.memory_mb(pid) for name, pid in watched.items()}
        return Look(pids, memory, {name: _open_files(pid) for name, pid in watched.items()})

    async def held(self) -> dict[str, int]:
        """What calls take now, as the worker counts it; only what is not zero."""
        counts: dict[str, Any] = (await _processes.status(self.layout)).get("counts", {})
        found = {name: int(counts.get(name, 0)) for name in _HELD} | {"calls": sum(counts.get("calls", {}).values())}
        return {name: count for name, count in found.items() if count}

    async def settle(self, limit_s: float) -> dict[str, int]:
        """Wait until nothing is held any more; what still is after ``limit_s``."""
        for _ in range(int(limit_s)):
            if not (left := await self.held()):
                return {}
            await asyncio.sleep(1.0)
        return left

    def mark_logs(self) -> None:
        self._log_ends = {path: path.stat().st_size for path in self.layout.logs.glob("*.log")}

    def errors(self) -> list[str]:
        """Events of level error since ``mark_logs``, by process and name; lines that are no events count too (a traceback)."""
        found: set[str] = set()
        for path in self.layout.logs.glob("*.log"):
            with path.open("rb") as file:
                file.seek(self._log_ends.get(path, 0) if path.stat().st_size >= self._log_ends.get(path, 0) else 0)
                found |= {fault for line in file if (fault := _fault(path.stem, line))}
        return sorted(found)

    async def callers_since(self, moment: str) -> list[tuple[str, str]]:
        """(caller, number dialled) of calls that began after ``moment``, see ``now``."""
        async with await psycopg.AsyncConnection.connect(self._url) as connection:
            rows = await connection.execute("SELECT caller, number FROM calls WHERE started_at > %s::timestamptz", (moment,))
            return [(str(caller), str(number)) for caller, number in await rows.fetchall()]

    async def now(self) -> str:
        """The database's clock."""
        async with await psycopg.AsyncConnection.connect(self._url) as connection:
            row = await (await connection.execute("SELECT now()::text")).fetchone()
            return str(row[0]) if row else ""

    @property
    def _url(self) -> str:
        return str(mind_config(self.layout)["database_url"])


def _open_files(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def _fault(process: str, line: bytes) -> str:
    try:
        event = json.loads(line)
    except ValueError:
        text = line.decode(errors="replace").strip()
        return f"{process}: {text[:120]}" if text.startswith("Traceback") else ""
    return f"{process}: {event.get('event')}" if event.get("level") in ("error", "critical") else ""
