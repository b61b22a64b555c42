"""Drafts: one per user and agent, kept in files so that neither a mistake nor a restart loses what somebody wrote. Everything blocks."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
"""Of agents and flow files."""


@dataclass(frozen=True, slots=True)
class Draft:
    files: Mapping[str, str] = field(default_factory=dict)
    """Name of a flow, without ``.yaml``, to its new text: only those that differ from what is on disk."""
    saved_at: str = ""
    """ISO time, UTC."""

    def __bool__(self) -> bool:
        return bool(self.files)


class Drafts:
    """In ``folder``, readable by this account only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, user: str, agent: str) -> Draft:
        """Empty when there is none. Raises OSError, ValueError for a file that somebody has damaged."""
        path = self._path(user, agent)
        if not path.is_file():
            return Draft()
        tree = json.loads(path.read_text("utf-8"))
        return Draft({name: text for name, text in tree["files"].items() if NAME.fullmatch(name)}, tree["saved_at"])

    def put(self, user: str, agent: str, draft: Draft) -> None:
        """Keep it; an empty one is taken away. Raises OSError."""
        path = self._path(user, agent)
        if not draft:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, json.dumps({"files": dict(draft.files), "saved_at": draft.saved_at}), mode=0o600)

    def agents(self, user: str) -> list[str]:
        """Those of which this user has a draft."""
        return sorted(path.stem for path in self._place(user).glob("*.json"))

    def _path(self, user: str, agent: str) -> Path:
        if not NAME.fullmatch(agent):
            raise ValueError(f"{agent!r} is no name of an agent")
        return self._place(user) / f"{agent}.json"

    def _place(self, user: str) -> Path:
        return self._folder / hashlib.sha256(user.encode()).hexdigest()[:32]


def write_whole(path: Path, text: str, *, mode: int) -> None:
    """Whoever reads meanwhile sees the old file or the new one, never a part. Raises OSError."""
    written_beside(path, text, mode=mode).replace(path)


def written_beside(path: Path, text: str, *, mode: int) -> Path:
    """A file that is whole and on the disk, ready to be moved to ``path``. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)
