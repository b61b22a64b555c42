"""Maintenance mode: new calls go straight to the queue, those under way end as they like.

A file in the data directory says that it is on, so that it outlives Asterisk and ourselves. The supervisor tells the dialplan by a
global variable; the workers refuse calls as well, should Asterisk not know of it.
"""

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agents.transcript import JsonValue
from ari_app.service.layout import Layout
from ari_app.service.state import write_private

VARIABLE: Final = "PATCHCORD_MAINTENANCE"
MOST_REASON: Final = 200
"""Characters."""
UNREADABLE: Final = "the file that says so cannot be read"


@dataclass(frozen=True, slots=True)
class Maintenance:
    reason: str
    since: str
    """ISO 8601, UTC."""

    def told(self) -> dict[str, JsonValue]:
        return {"reason": self.reason, "since": self.since}


def notice_file(layout: Layout) -> Path:
    return layout.run / "maintenance.json"


def begin(layout: Layout, reason: str) -> Maintenance:
    """Switch it on, or give another reason; it began when it began. Raises OSError when the data directory cannot be written."""
    before = MaintenanceNotice(layout).now()
    since = before.since if before is not None else datetime.now(UTC).isoformat(timespec="seconds")
    made = Maintenance("".join(char if char.isprintable() else " " for char in reason)[:MOST_REASON].strip(), since)
    layout.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(notice_file(layout), json.dumps(asdict(made)))
    return made


def end(layout: Layout) -> bool:
    """Switch it off; False when it was not on. Raises OSError."""
    try:
        notice_file(layout).unlink()
    except FileNotFoundError:
        return False
    return True


class MaintenanceNotice:
    """Reads the file again only when it has changed: it may be asked many times a second."""

    def __init__(self, layout: Layout) -> None:
        self._file = notice_file(layout)
        self._stamp: tuple[int, int] | None = None
        self._now: Maintenance | None = None

    def now(self) -> Maintenance | None:
        """None while calls are answered. A file that cannot be read counts: somebody wanted it on."""
        try:
            seen = self._file.stat()
        except FileNotFoundError:
            self._stamp = self._now = None
            return None
        except OSError:
            return self._now or Maintenance(UNREADABLE, "")
        stamp = (seen.st_mtime_ns, seen.st_ino)
        if stamp != self._stamp:
            self._now, self._stamp = self._read(), stamp
        return self._now

    def _read(self) -> Maintenance | None:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return Maintenance(str(found["reason"]), str(found["since"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            return Maintenance(UNREADABLE, "")

    def holds(self) -> bool:
        return self.now() is not None

    def value(self) -> str:
        """Of the dialplan's variable; what an operator writes as reason stays outside of the dialplan."""
        return "on" if self.holds() else ""


def lasts(since: str, now: float | None = None) -> str:
    """How long it has lasted, for a person: ``2 h 5 min``; empty when the beginning is not known."""
    try:
        minutes = int((time.time() if now is None else now) - datetime.fromisoformat(since).timestamp()) // 60
    except ValueError:
        return ""
    hours, minutes = divmod(max(0, minutes), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
