"""Runs programs of the unpacked packages with the packages' own libraries, so the system's need not fit."""

import os
from collections.abc import Mapping
from pathlib import Path

from .errors import InstallError

_PROGRAM_FOLDERS = ("usr/sbin", "usr/bin")
_EXTRA_LIBRARY_FOLDERS = ("pulseaudio", "blas", "lapack")


class RuntimeRoot:
    """An unpacked root of Debian packages at ``path``.

    Raises:
        InstallError: no C library and loader lie there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.library_dir = self._library_dir()
        self.triplet = self.library_dir.name
        self.loader = self._loader()

    def _library_dir(self) -> Path:
        found = sorted((self.path / "usr/lib").glob("*-linux-gnu*/libc.so.6"))
        if not found:
            raise InstallError(f"{self.path} holds no unpacked packages. Delete it and start again to fetch them.")
        return found[0].parent

    def _loader(self) -> Path:
        found = sorted(self.library_dir.glob("ld-linux*.so.*"))
        if not found:
            raise InstallError(
                f"{self.library_dir} holds no program loader (ld-linux). Delete {self.path} and start again to fetch it anew."
            )
        return found[0]

    @property
    def library_path(self) -> str:
        """Where the loader looks for libraries, colon-separated."""
        extra = (self.library_dir / name for name in _EXTRA_LIBRARY_FOLDERS)
        return ":".join(str(folder) for folder in (self.library_dir, *extra) if folder.is_dir())

    def find(self, binary: str) -> Path:
        """Return the file of a program, by name (``flite``) or by its path below the root (``usr/bin/flite``).

        Raises:
            InstallError: the root has no such program.
        """
        candidates = [binary] if "/" in binary else [f"{folder}/{binary}" for folder in _PROGRAM_FOLDERS]
        for candidate in candidates:
            if (path := self.path / candidate.lstrip("/")).is_file():
                return path
        raise InstallError(
            f"The packages in {self.path} hold no program '{binary}'. Delete that folder and start again to fetch them anew."
        )

    def has(self, binary: str) -> bool:
        """Tell whether the root holds the program."""
        try:
            self.find(binary)
        except InstallError:
            return False
        return True

    def command(self, binary: str, *args: str) -> list[str]:
        """Return the command line that runs a program of the root on its own loader and libraries.

        Raises:
            InstallError: the root has no such program.
        """
        return [str(self.loader), "--inhibit-cache", "--library-path", self.library_path, str(self.find(binary)), *args]

    @staticmethod
    def environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return an environment for such a program: without libraries that the system forces into programs of its own."""
        source = os.environ if base is None else base
        return {name: value for name, value in source.items() if name not in {"LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH"}}
