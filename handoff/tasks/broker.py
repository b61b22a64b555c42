"""The embedded broker: messages as files in a folder, each there whole or not at all.

The transport that comes with kombu shows a message before it is written, keeps taken ones in a folder that all users share, and keeps
which queues there are in a file that is empty for a moment: who reads it then ends with an error. Here that is kept in memory, so whoever
sends declares the queue too, as Celery and kombu do.
"""

import json
import os
import secrets
import time
from pathlib import Path
from queue import Empty
from typing import Any, Final

from kombu.transport import TRANSPORT_ALIASES, virtual

SCHEME: Final = "patchcord-files"
_ENDING: Final = ".msg"


class Channel(virtual.Channel):
    """A message that was taken is gone: whoever sent it sends it again when nothing comes of it (handoff/tasks/outbox.py)."""

    def _put(self, queue: str, message: Any, **_: Any) -> None:
        folder = self._folder
        # Named so that they sort by age; hidden until whole.
        name = f"{time.time_ns():020d}-{secrets.token_hex(8)}.{queue}{_ENDING}"
        fresh = folder / f".{name}"
        fresh.write_bytes(json.dumps(message).encode())
        fresh.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in sorted(self._messages(queue)):
            taken = path.with_name(f".taken-{secrets.token_hex(8)}")
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            return json.loads(text)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._messages(queue))

    def _purge(self, queue: str) -> int:
        found = self._messages(queue)
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def _messages(self, queue: str) -> list[Path]:
        folder, ending = self._folder, f"{queue}{_ENDING}"
        return [Path(folder, name) for name in os.listdir(folder) if not name.startswith(".") and name.partition(".")[2] == ending]  # noqa: PTH208 - several times a second

    @property
    def _folder(self) -> Path:
        return Path(self.connection.client.transport_options["folder"])


class Transport(virtual.Transport):
    Channel = Channel
    driver_type = driver_name = SCHEME


def embedded_broker(folder: Path) -> tuple[str, dict[str, str]]:
    """URL and transport options of a broker in ``folder``, which is made, readable by the owner only. What a dead process had half
    written or half read is removed. Raises OSError."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
    messages = folder / "messages"
    for part in (folder, messages):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in messages.glob(".*"):
        left.unlink(missing_ok=True)
    return f"{SCHEME}://", {"folder": str(messages)}
