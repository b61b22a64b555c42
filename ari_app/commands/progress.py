"""A progress bar on the terminal, one line per stage elsewhere."""

import itertools
import sys
from typing import Final, TextIO

WIDTH: Final = 30
NOTE: Final = 16


class ProgressBar:
    """``show(stage, done, total)`` as often as you like; a finished or changed stage gets a line of its own; ``note`` may change."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._stage = ""
        self._spinner = itertools.cycle("|/-\\")

    def show(self, stage: str, done: int, total: int, note: str = "") -> None:
        if not self._stream.isatty():
            if stage != self._stage:
                self._stream.write(f"{stage} …\n")
                self._stream.flush()
            self._stage = stage
            return
        if self._stage and stage != self._stage:
            self._stream.write("\n")
        self._stage = stage
        filled = round(WIDTH * min(done, total) / max(total, 1))
        percent = 100 * min(done, total) // max(total, 1)
        self._stream.write(f"\r{stage:<30.30} [{'#' * filled}{'.' * (WIDTH - filled)}] {percent:3d} % {note:<{NOTE}.{NOTE}}")
        self._stream.flush()

    def spin(self, stage: str) -> None:
        """For work whose length is not known."""
        if self._stream.isatty():
            self._stage = stage
            self._stream.write(f"\r{stage} {next(self._spinner)} ")
            self._stream.flush()

    def close(self) -> None:
        if self._stage and self._stream.isatty():
            self._stream.write("\n")
        self._stage = ""
