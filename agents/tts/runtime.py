"""What a voice needs of the unpacked program tree; the service hands in the real one."""

from pathlib import Path
from typing import Protocol


class ProgramTree(Protocol):
    """Programs and data unpacked below one folder, usable in place."""

    @property
    def path(self) -> Path:
        """The folder that holds ``usr/`` and ``etc/``."""
        ...

    def command(self, binary: str, *args: str) -> list[str]:
        """Command line that runs ``binary`` (its path below the tree, such as ``usr/bin/flite``) with the tree's own libraries."""
        ...
