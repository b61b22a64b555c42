"""Puts a whole set of files in place of another at one moment: a reader finds the old one or the new one, never a mixture.

Linux exchanges two folders in one step (renameat2(2), RENAME_EXCHANGE). Where the file system cannot, the old folder is renamed away and
the new one into its place; between the two there is none, which ``#tryinclude`` bears, and ``recover`` puts the old one back.
"""

import ctypes
import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from dialplan.checking.seal import sealed
from dialplan.generated import FILES

from .errors import FolderUnusable
from .folder import EtcFolder

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NOT_THERE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def write(folder: EtcFolder, files: Mapping[str, str]) -> None:
    """Make ``files`` (``patchcord.d/NAME`` to text) the set in force; files of others in that folder stay.

    Raises:
        FolderUnusable: something cannot be written; what was in force still is.
    """
    staging = folder.state / "staging"
    try:
        _remove(staging)
        staging.mkdir(mode=0o700)
        _carry_over(folder, staging)
        for name, text in sorted(files.items()):
            _write(staging / Path(name).name, sealed(text), folder.path)
        _adopt(staging, folder.path, 0o750 if _is_others(folder.path) else 0o700)
        _sync(staging)
        if not folder.ours.exists():
            staging.rename(folder.ours)
        elif not _exchanged(staging, folder.ours):
            folder.ours.rename(folder.state / "outgoing")
            staging.rename(folder.ours)
        _sync(folder.path)
        _remove(staging)
        _remove(folder.state / "outgoing")
    except OSError as error:
        recover(folder)
        raise FolderUnusable(
            f"{folder.ours} cannot be written: {error.strerror}. The old files are in force; free space there or make it writable."
        ) from error


def recover(folder: EtcFolder) -> bool:
    """Finish or undo what an earlier run left behind when it was killed; tells whether there was anything."""
    staging, outgoing = folder.state / "staging", folder.state / "outgoing"
    found = staging.exists() or outgoing.exists()
    if outgoing.exists() and not folder.ours.exists():
        outgoing.rename(folder.ours)
    _remove(staging)
    _remove(outgoing)
    return found


def take_away(folder: EtcFolder, names: Mapping[str, str]) -> None:
    """Remove our files, and the folder when nothing of others is left in it."""
    for name in names:
        (folder.path / name).unlink(missing_ok=True)
    if folder.ours.is_dir() and not any(folder.ours.iterdir()):
        folder.ours.rmdir()


def _exchanged(one: Path, other: Path) -> bool:
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    if (number := ctypes.get_errno()) in _NOT_THERE:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _carry_over(folder: EtcFolder, staging: Path) -> None:
    """Copy what others have put into our folder; links stay links."""
    ours = {Path(name).name for name in folder.current()} | set(FILES)
    for path in sorted(folder.ours.iterdir()) if folder.ours.is_dir() else []:
        if path.name in ours and not path.is_symlink():
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, staging / path.name, symlinks=True)
        else:
            shutil.copy2(path, staging / path.name, follow_symlinks=False)
            if not path.is_symlink():
                _own(staging / path.name, path)


def _write(path: Path, text: str, like: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _adopt(path, like, 0o640 if _is_others(like) else 0o600)


def _is_others(folder: Path) -> bool:
    about = folder.stat()
    return (about.st_uid, about.st_gid) != (os.geteuid(), os.getegid())


def _adopt(path: Path, like: Path, mode: int) -> None:
    """Asterisk runs as a user of its own: the files become that user's, when we may give them away."""
    _own(path, like)
    path.chmod(mode)


def _own(path: Path, like: Path) -> None:
    about = like.stat()
    if os.geteuid() == 0:
        os.chown(path, about.st_uid, about.st_gid)
    elif about.st_gid in {os.getegid(), *os.getgroups()}:
        os.chown(path, -1, about.st_gid)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def forget(folder: EtcFolder) -> None:
    """Remove backups and what else Patchcord keeps beside its files; the lock goes last, while it is held."""
    _remove(folder.state)
