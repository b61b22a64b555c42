"""Keeps the logs of a service that runs for months from filling the disk."""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

LIMIT_BYTES: Final = 20_000_000
CHECK_S: Final = 60.0
KEPT: Final = 3
"""Older copies of each file: ``mind.log.1`` is the newest of them."""


def rotate(path: Path, *, limit: int = LIMIT_BYTES, kept: int = KEPT) -> bool:
    """Copy ``path`` aside and empty it once it exceeds ``limit`` bytes; True when that was done. Raises OSError.

    The file is emptied in place because its writers keep it open; they append, so they go on at its new end. What is written between
    the copy and the emptying is lost: a few lines at worst, and only every 20 MB.
    """
    if not path.exists() or path.stat().st_size <= limit:
        return False
    for number in range(kept - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(f"{path.name}.{number}").replace(path.with_name(f"{path.name}.{number + 1}"))
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    with path.open("r+b") as file:
        file.truncate(0)
    return True


def rotate_all(folder: Path) -> None:
    """Raises OSError."""
    for path in folder.glob("*.log"):
        rotate(path)


def too_large(path: Path) -> bool:
    return path.exists() and path.stat().st_size > LIMIT_BYTES


async def keep_small(folder: Path, asterisk_log: Path, rotate_asterisk: Callable[[], Awaitable[object]]) -> None:
    """Check every minute until cancelled. ``rotate_asterisk`` has Asterisk change its own files, which it numbers itself."""
    while True:
        await asyncio.sleep(CHECK_S)
        try:
            await asyncio.to_thread(rotate_all, folder)
            if await asyncio.to_thread(too_large, asterisk_log):
                await rotate_asterisk()
        except Exception as error:
            # A full disk is the likeliest reason, and no reason to stop answering calls.
            log.warning("logs_not_rotated", extra={"folder": str(folder), "error": str(error)})
