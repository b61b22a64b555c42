"""Sentences on disk: one file each, private, bounded, and never trusted without its checksum."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from agents.audio import Pcm

_MAGIC: Final = b"PATCHCORD-CLIP-1"
_HEAD: Final = len(_MAGIC) + hashlib.sha256().digest_size
_SUFFIX: Final = ".clip"


class ClipFiles:
    """A folder (mode 0700, files 0600) of at most ``max_mb`` megabytes; the longest unused go first. Blocking."""

    def __init__(self, folder: Path, max_mb: float) -> None:
        self._folder = folder
        self._limit = int(max_mb * 1_000_000)

    def read(self, key: str) -> Pcm | None:
        """None when there is none; a damaged file is removed. Raises OSError."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        body = data[_HEAD:]
        if data[:_HEAD] != _MAGIC + hashlib.sha256(body).digest() or not body or len(body) % 2:
            path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # the time of use, by which the longest unused is found
        return np.frombuffer(body, dtype="<i2").astype(np.int16)

    def write(self, key: str, pcm: Pcm) -> None:
        """Whole or not at all. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = pcm.astype("<i2").tobytes()
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + hashlib.sha256(body).digest() + body)
            Path(name).replace(self._path(key))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._evict()

    def _path(self, key: str) -> Path:
        return self._folder / (key + _SUFFIX)

    def _evict(self) -> None:
        files = []
        for path in self._folder.glob("*" + _SUFFIX):
            with contextlib.suppress(FileNotFoundError):  # another instance may evict at the same time
                files.append((path.stat().st_mtime_ns, path.stat().st_size, path))
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total <= self._limit:
                break
            path.unlink(missing_ok=True)
            total -= size
