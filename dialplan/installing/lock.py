"""Keeps two installations in one folder apart."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import Busy, FolderUnusable
from .folder import EtcFolder


@contextmanager
def locked(folder: EtcFolder) -> Iterator[None]:
    """Hold the folder; it is free again at the end of the block, or when the process ends however it ends.

    Raises:
        Busy: another process holds it.
        FolderUnusable: the lock cannot be made.
    """
    folder.check()
    path = folder.state / "lock"
    try:
        folder.state.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise FolderUnusable(f"{path} cannot be made: {error.strerror}. Make {folder.path} writable for this user.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
            raise Busy(f"Another 'patchcord dialplan' works in {folder.path} (process {owner}). Wait until it is done.") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
