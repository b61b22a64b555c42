"""Tells how a download goes by the size of the folder it goes into: works for any library, whatever it shows itself.

Standard library only: the resident synthesisers use it too.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

EVERY_S: Final = 2.0


@contextmanager
def watched(folder: Path, tell: Callable[[float], None], every_s: float = EVERY_S) -> Iterator[None]:
    """``tell``, in a thread of its own, the megabytes that came into ``folder`` so far, after every ``every_s`` that brought more."""
    ended = threading.Event()
    before = _bytes_below(folder)

    def watch() -> None:
        told = before
        while not ended.wait(every_s):
            now = _bytes_below(folder)
            if now > told:
                told = now
                tell((now - before) / 1e6)

    thread = threading.Thread(target=watch, daemon=True, name="download-progress")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _bytes_below(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - of many small files, in a loop
            except FileNotFoundError:  # a part that was renamed meanwhile
                continue
    return total
