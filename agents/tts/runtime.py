"""What a voice needs of the unpacked program tree; the service hands in the real one."""

import shutil
import sys
from pathlib import Path
from typing import Protocol

from agents.tts.speaker import SpeechError


class ProgramTree(Protocol):
    """Programs and data unpacked below one folder, usable in place."""

    @property
    def path(self) -> Path:
        """The folder that holds ``usr/`` and ``etc/``."""
        ...

    def command(self, binary: str, *args: str) -> list[str]:
        """Command line that runs ``binary`` (its path below the tree, such as ``usr/bin/flite``) with the tree's own libraries."""
        ...


class PackagePython:
    """A Python with a voice's packages, as a tree: ``python`` (a program or its path), or this one when it is empty. Raises SpeechError."""

    def __init__(self, python: str = "") -> None:
        found = shutil.which(str(Path(python).expanduser())) if python else sys.executable
        if not found:
            raise SpeechError(f"speech: there is no Python {python!r}; name the one that has the voice's packages, or leave python empty")
        self._python = found
        self.path = Path(found)

    def command(self, binary: str, *args: str) -> list[str]:
        """``binary`` is always the Python."""
        return [self._python, *args]
