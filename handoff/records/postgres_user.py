"""Which operating system user the embedded PostgreSQL runs as. It refuses to run as root, so root lends it another one."""

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_CANDIDATES = ("patchcord", "postgres", "nobody")
"""Existing users tried in this order; no user is ever created on the machine."""


class NoUser(Exception):
    """There is no user that PostgreSQL could run as; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ServerUser:
    uid: int
    """-1: the user we are."""
    gid: int
    reach: bool
    """The user cannot reach the files by their modes alone and needs the capability for it."""

    def own(self, path: Path) -> None:
        """Give a folder or file of ours to the user."""
        if self.uid >= 0:
            os.chown(path, self.uid, self.gid)


def choose_user(folder: Path, needed: Iterable[Path]) -> ServerUser:
    """The owner of an existing ``folder`` wins, so that data stays readable when further users appear. Raises NoUser."""
    if os.geteuid() != 0:
        return ServerUser(-1, -1, False)
    entry = _owner(folder) or _first_existing()
    reach = not all(_reachable(path, entry.pw_uid, entry.pw_gid) for path in (folder.parent, *needed))
    return ServerUser(entry.pw_uid, entry.pw_gid, reach)


def connecting_user() -> str:
    """The name under which our own processes appear to the server. Raises NoUser."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise NoUser(
            f"user id {os.geteuid()} has no name on this machine and PostgreSQL needs one: add it to /etc/passwd, or set database.url"
        ) from error


def _owner(folder: Path) -> pwd.struct_passwd | None:
    try:
        uid = folder.stat().st_uid
        return pwd.getpwuid(uid) if uid != 0 else None
    except (FileNotFoundError, KeyError):
        return None


def _first_existing() -> pwd.struct_passwd:
    for name in _CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoUser(f"PostgreSQL does not run as root and none of {', '.join(_CANDIDATES)} exists: add one of them, or set database.url")


def _reachable(path: Path, uid: int, gid: int) -> bool:
    """Whether ``path`` can be read and passed through by its mode and those of its parents."""
    path = path.resolve()
    return _allows(path, uid, gid, read=True) and all(_allows(parent, uid, gid, read=False) for parent in path.parents)


def _allows(path: Path, uid: int, gid: int, *, read: bool) -> bool:
    status = path.stat()
    shift = 6 if status.st_uid == uid else 3 if status.st_gid == gid else 0
    wanted = (stat.S_IROTH if read else 0) | (stat.S_IXOTH if read is False or path.is_dir() or os.access(path, os.X_OK) else 0)
    return (status.st_mode >> shift) & wanted == wanted
