"""The one line in each of their files: put at the end on request, and taken out again to the last byte."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from dialplan.checking.reading import read
from dialplan.generated import FILES, FOLDER

from .errors import FolderUnusable, Refused
from .folder import EtcFolder
from .marks import MARK, MARK_MADE, MARK_UNENDED, include_line, without_lines

_CUSTOM = {
    "extensions.conf": ("extensions_custom.conf",),
    "queues.conf": ("queues_custom.conf",),
    "pjsip.conf": ("pjsip_custom_post.conf",),
    "ari.conf": ("ari_additional_custom.conf",),
    "manager.conf": ("manager_custom.conf",),
}
"""Files that FreePBX leaves to the admin; the others it writes anew."""


@dataclass(frozen=True, slots=True)
class Line:
    """An include line that is there, or lacks."""

    name: str
    """Of our file, e.g. ``extensions.conf``."""
    file: str
    """Of theirs, where it belongs."""

    @property
    def text(self) -> str:
        """Return the line itself."""
        return include_line(self.name)


def lacking(folder: EtcFolder) -> list[Line]:
    """Return the lines without which Asterisk would not read our files."""
    files = folder.configuration()
    files |= {f"{FOLDER}/{name}": files.get(f"{FOLDER}/{name}", "") for name in FILES}
    found = []
    for name in FILES:
        reading = read(files, name, str(folder.path))
        if f"{FOLDER}/{name}" not in reading.includes:
            found.append(Line(name, next((custom for custom in _CUSTOM[name] if custom in reading.includes), name)))
    return found


def add(folder: EtcFolder, lines: list[Line]) -> None:
    """Put the lines at the end of their files.

    Raises:
        Refused: a file is a link that leads out of the folder.
        FolderUnusable: a file cannot be written.
    """
    targets = [(_inside(folder, line.file), line) for line in lines]
    for path, line in targets:
        before = bytes_of(path)
        if before is None:
            mark = MARK_MADE
        elif before and not before.endswith(b"\n"):
            mark = f"\n{MARK_UNENDED}"
        else:
            mark = MARK
        _replace(path, (before or b"") + f"{mark}\n{line.text}\n".encode(), folder.path)


def take_out(folder: EtcFolder) -> list[str]:
    """Remove the lines that ``add`` has put in; return the files that were changed."""
    changed = []
    for path in sorted(folder.path.glob("*.conf")):
        before = bytes_of(path) if path.is_file() else None
        if before is None:
            continue
        after, made = without_lines(before)
        if after == before:
            continue
        target = _inside(folder, path.name)
        if made and not after:
            target.unlink()
        else:
            _replace(target, after, folder.path)
        changed.append(path.name)
    return changed


def mandatory(folder: EtcFolder) -> list[str]:
    """Return the files with lines ``#include`` for our folder: they cannot be read without it."""
    wanted = re.compile(rf"""^\s*#include\s+["<]?(?:{re.escape(str(folder.path))}/)?{re.escape(FOLDER)}/""", re.MULTILINE)
    return [name for name, text in folder.configuration().items() if not name.startswith(f"{FOLDER}/") and wanted.search(text)]


def _inside(folder: EtcFolder, name: str) -> Path:
    path = (folder.path / name).resolve()
    if not path.is_relative_to(folder.path.resolve()):
        raise Refused(f"{folder.path / name} is a link to {path}, outside of that folder. Add the line there yourself, or remove the link.")
    return path


def bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FolderUnusable(f"{path} cannot be read: {error.strerror}. Run the command as a user who may.") from error


def _replace(path: Path, content: bytes, like: Path) -> None:
    """Write the whole file anew in one step, with the owner and the permissions that it has."""
    about = path.stat() if path.exists() else like.stat()
    mode = stat.S_IMODE(about.st_mode) if path.exists() else 0o640
    temporary = path.with_name(f".{path.name}.patchcord")
    try:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0:
            os.chown(temporary, about.st_uid, about.st_gid)
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise FolderUnusable(f"{path} cannot be written: {error.strerror}. Make it and its folder writable for this user.") from error
