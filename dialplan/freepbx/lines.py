"""Puts Patchcord's one line into each file that FreePBX leaves to the admin, and takes it out again to the last byte.

The lines are those of ``dialplan/installing/includes.py``; here they go into none of the files that FreePBX writes anew, a copy of each
file is kept, and what the admin has written around them since stays.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dialplan.generated import FILES
from dialplan.installing import exchange, includes
from dialplan.installing.errors import FolderUnusable, InstallingError, Refused
from dialplan.installing.folder import EtcFolder
from dialplan.installing.includes import Line
from dialplan.installing.lock import locked

from .layout import CUSTOM, read_layout

_COPIES: Final = "freepbx"


class NotLikeFreepbx(Refused):
    """The folder is not laid out so that a line would stay; nothing was written."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What came of a removal."""

    changed: tuple[str, ...]
    left: tuple[str, ...]
    """Files with a line of Patchcord that it has not written itself, and has left."""


def install(folder: EtcFolder) -> list[Line]:
    """Add the lines that lack; return them.

    Raises:
        NotLikeFreepbx: a file that FreePBX leaves alone is not read.
        Refused: a file is a link that leads out of the folder.
        FolderUnusable, Busy: nothing was changed.
    """
    with locked(folder):
        layout = read_layout(folder.configuration(), str(folder.path))
        wanted = [Line(name, CUSTOM[name]) for name in FILES if name not in layout.lines]
        if not layout.is_freepbx or (unread := [line for line in wanted if line.name not in layout.custom]):
            _tidy(folder)
            if not layout.is_freepbx:
                raise NotLikeFreepbx(
                    f"{folder.path} does not look like FreePBX: extensions.conf includes no extensions_additional.conf. On another system, "
                    "'./patchcord dialplan apply --add-includes' adds the lines; or add them yourself to files that it does not write."
                )
            raise NotLikeFreepbx(
                "; ".join(f"{line.name} does not include {line.file}" for line in unread)
                + ". FreePBX includes these by itself: 'fwconsole reload' mends its files. An empty file must be there for it to be read."
            )
        if not wanted:
            return []
        _keep_copies(folder, [line.file for line in wanted])
        try:
            includes.add(folder, wanted)
        except InstallingError:
            includes.take_out(folder)
            _forget_copies(folder, [line.file for line in wanted])
            _tidy(folder)
            raise
        return wanted


def remove(folder: EtcFolder) -> Removed:
    """Take the lines out, and the copies. Raises Refused, FolderUnusable, Busy."""
    with locked(folder):
        changed = includes.take_out(folder)
        layout = read_layout(folder.configuration(), str(folder.path))
        shutil.rmtree(folder.state / _COPIES, ignore_errors=True)
        _tidy(folder)
        return Removed(tuple(changed), tuple(sorted(set(layout.lines.values()))))


def _keep_copies(folder: EtcFolder, names: list[str]) -> None:
    place = folder.state / _COPIES
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        for name in names:
            if (content := includes.bytes_of(folder.path / name)) is None:
                continue
            unfinished = place / f".{name}"
            unfinished.unlink(missing_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(place / name)
    except OSError as error:
        raise FolderUnusable(
            f"{place} cannot be written: {error.strerror}. Nothing was changed; make it writable for this user."
        ) from error


def _forget_copies(folder: EtcFolder, names: list[str]) -> None:
    place = folder.state / _COPIES
    for name in names:
        (place / name).unlink(missing_ok=True)
    if place.is_dir() and not any(place.iterdir()):
        place.rmdir()


def _tidy(folder: EtcFolder) -> None:
    """Leave no folder of ours behind that holds nothing but the lock."""
    if {path.name for path in folder.state.iterdir()} <= {"lock"}:
        exchange.forget(folder)


def copies(folder: EtcFolder) -> list[Path]:
    """Return the copies of their files from before the lines were added."""
    return sorted(path for path in (folder.state / _COPIES).glob("*.conf") if path.is_file())


__all__ = ["NotLikeFreepbx", "Removed", "copies", "install", "remove"]
