"""Sentences on disk: one file each, private, bounded, and never trusted without its checksum.

A file: the magic, the SHA-256 of the rest, the number of words (4 bytes), the words, the samples; all little-endian.
"""

import contextlib
import hashlib
import os
import struct
import tempfile
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from agents.audio import Pcm
from agents.tts.word_times import WordTime

_MAGIC: Final = b"PATCHCORD-CLIP-2"
_HEAD: Final = len(_MAGIC) + hashlib.sha256().digest_size
_SUFFIX: Final = ".clip"
_COUNT: Final = struct.Struct("<I")
_WORD: Final = struct.Struct("<2I2d")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A whole sentence as a voice said it."""

    pcm: Pcm
    words: tuple[WordTime, ...] = ()
    """With their places in the text that was given to the voice; empty when it does not know them."""


class ClipFiles:
    """A folder (mode 0700, files 0600) of at most ``max_mb`` megabytes; the longest unused go first. Blocking."""

    def __init__(self, folder: Path, max_mb: float) -> None:
        self._folder = folder
        self._limit = int(max_mb * 1_000_000)

    def read(self, key: str) -> Spoken | None:
        """None when there is none; a damaged file, or one of an older program, is removed. Raises OSError."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        body = data[_HEAD:]
        spoken = _unpacked(body) if data[:_HEAD] == _MAGIC + hashlib.sha256(body).digest() else None
        if spoken is None:
            path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # the time of use, by which the longest unused is found
        return spoken

    def write(self, key: str, spoken: Spoken) -> None:
        """Whole or not at all. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = _packed(spoken)
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


def _packed(spoken: Spoken) -> bytes:
    words = b"".join(_WORD.pack(*astuple(word)) for word in spoken.words)
    return _COUNT.pack(len(spoken.words)) + words + spoken.pcm.astype("<i2").tobytes()


def _unpacked(body: bytes) -> Spoken | None:
    """None when it cannot be what ``_packed`` made."""
    if len(body) < _COUNT.size:
        return None
    samples_at = _COUNT.size + _COUNT.unpack_from(body)[0] * _WORD.size
    samples = body[samples_at:]
    if not samples or len(samples) % 2:
        return None
    words = tuple(WordTime(*fields) for fields in _WORD.iter_unpack(body[_COUNT.size : samples_at]))
    return Spoken(np.frombuffer(samples, dtype="<i2").astype(np.int16), words)
