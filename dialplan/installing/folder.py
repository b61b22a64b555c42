"""An Asterisk's configuration folder: where we write in it, and how it is read without ever being led out of it."""

import os
import posixpath
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dialplan.checking.seal import is_changed, unsealed
from dialplan.generated import FILES, FOLDER

from .errors import FolderUnusable

STATE = ".patchcord"
"""Backups, the lock and what is being written; beside ``patchcord.d``, so that a rename suffices."""

_BIGGEST = 2_000_000
_MOST_FILES = 5_000
_ABSOLUTE = re.compile(r"""^\s*#(?:try)?include\s+["<]?(/[^">\s*?\[]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class EtcFolder:
    """The folder of one Asterisk."""

    path: Path

    @property
    def ours(self) -> Path:
        """Return the folder with what Patchcord gives this Asterisk."""
        return self.path / FOLDER

    @property
    def state(self) -> Path:
        """Return the folder with backups and the lock."""
        return self.path / STATE

    def check(self) -> None:
        """Raise FolderUnusable unless this is a folder in which we can write without following a link out of it."""
        if not self.path.is_dir():
            raise FolderUnusable(f"{self.path} is no folder. Set asterisk.etc to the folder that holds extensions.conf.")
        for inside in (self.ours, self.state):
            if inside.is_symlink():
                raise FolderUnusable(
                    f"{inside} is a link to somewhere else, and links are not followed. Remove it, or put a folder in its place."
                )
            if inside.exists() and not inside.is_dir():
                raise FolderUnusable(f"{inside} is in the way: it is no folder. Move it away.")
        for needed in (self.path, *(inside for inside in (self.ours, self.state) if inside.exists())):
            if not os.access(needed, os.W_OK | os.X_OK):
                raise FolderUnusable(
                    f"{needed} cannot be written by this user. Run the command as its owner (often: sudo -u asterisk), or as root."
                )
        if self.ours.exists() and self.ours.is_mount():
            raise FolderUnusable(f"{self.ours} is a mount of its own, so its files cannot be exchanged at once. Mount {self.path} instead.")

    def current(self) -> dict[str, str]:
        """Return the files that Patchcord has given, ``patchcord.d/NAME`` to text, without seals."""
        return {name: unsealed(text) for name, text in self._ours().items()}

    def edited(self) -> list[str]:
        """Return those of them that were edited by hand since."""
        return [name for name, text in self._ours().items() if is_changed(text)]

    def _ours(self) -> dict[str, str]:
        found = {}
        for path in sorted(self.ours.glob("*")) if self.ours.is_dir() else []:
            if path.is_symlink() or not path.is_file():
                continue
            text = _text(path)
            if path.name in FILES or text != unsealed(text):
                found[f"{FOLDER}/{path.name}"] = text
        return found

    def configuration(self, instead: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return every file that Asterisk could read: ours as ``instead`` has them, theirs as they are.

        Raises:
            FolderUnusable: a file cannot be read.
        """
        found: dict[str, str] = {}
        for parent, folders, names in os.walk(self.path):
            folders[:] = sorted(name for name in folders if name != STATE)
            for name in sorted(names):
                path = Path(parent) / name
                if len(found) < _MOST_FILES and _is_text(path):
                    found[path.relative_to(self.path).as_posix()] = _text(path)
        for text in list(found.values()):
            for wanted in _ABSOLUTE.findall(text):
                name = posixpath.normpath(wanted)
                if not name.startswith(f"{self.path}/") and name not in found and _is_text(Path(name)):
                    found[name] = _text(Path(name))
        if instead is not None:
            for name in self._ours():
                found.pop(name, None)
            found.update(instead)
        return found

    def modes(self) -> dict[str, int]:
        """Return the permission bits of the files in our folder."""
        found = (path for path in sorted(self.ours.glob("*")) if path.is_file() and not path.is_symlink())
        return {f"{FOLDER}/{path.name}": stat.S_IMODE(path.stat().st_mode) for path in found}


def _is_text(path: Path) -> bool:
    try:
        about = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(about.st_mode) and about.st_size <= _BIGGEST


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise FolderUnusable(f"{path} cannot be read: {error.strerror}. Run the command as a user who may.") from error
