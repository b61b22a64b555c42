"""Sentences that are ready before they are asked for.

Only sentences given to ``prepare`` reach the disk: everything else may hold somebody's order or telephone number, and stays in a small
memory that dies with the process.
"""

import asyncio
import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from agents.audio import RATE, Pcm
from agents.tts.clip_files import ClipFiles
from agents.tts.iterating import closing, drain
from agents.tts.plain_text import plain
from agents.tts.speaker import Speaker

log = logging.getLogger(__name__)

_MEMORY_BYTES: Final = 8_000_000
"""About four minutes of sentences that were not prepared."""
_CHUNK: Final = RATE // 5
_PROCESSING: Final = 1
"""To be raised when leveling or resampling changes what a voice sounds like."""


class VersionedSpeaker(Speaker, Protocol):
    async def version(self) -> str:
        """Changes when the same text would sound different."""
        ...


class CachedSpeaker:
    """``inner`` with its prepared sentences on disk below ``folder`` (at most ``max_mb``) and in memory. Owns ``inner``."""

    def __init__(self, inner: VersionedSpeaker, folder: Path, max_mb: float = 64.0) -> None:
        self.name = inner.name
        self._inner = inner
        self._files = ClipFiles(folder, max_mb)
        self._prepared: dict[str, Pcm] = {}
        self._recent: OrderedDict[str, Pcm] = OrderedDict()
        self._recent_bytes = 0

    async def prepare(self, sentences: Iterable[str]) -> int:
        """Keeps fixed sentences ready; returns how many had to be synthesised. They must hold no personal data. Raises SpeechError."""
        version = await self._inner.version()
        spoken = 0
        for sentence in dict.fromkeys(plain(sentence) for sentence in sentences):
            key = self._key(sentence, version)
            pcm = await self._read(key)
            if pcm is None:
                pcm = await drain(self._inner.speak(sentence))
                await self._write(key, pcm)
                spoken += 1
            self._prepared[sentence] = _frozen(pcm)
        return spoken

    async def speak(self, text: str) -> AsyncGenerator[Pcm, None]:
        """From memory when it is there, else as ``inner`` speaks it. Raises SpeechError."""
        line = plain(text)
        known = self._prepared.get(line)
        if known is None and (known := self._recent.get(line)) is not None:
            self._recent.move_to_end(line)
        if known is not None:
            for start in range(0, len(known), _CHUNK):
                yield known[start : start + _CHUNK]
            return
        chunks: list[Pcm] = []
        async with closing(self._inner.speak(line)) as audio:
            async for chunk in audio:
                chunks.append(chunk)
                yield chunk
        self._remember(line, np.concatenate(chunks))

    async def close(self) -> None:
        await self._inner.close()

    def _key(self, sentence: str, version: str) -> str:
        parts = json.dumps([self.name, version, _PROCESSING, sentence], ensure_ascii=True)
        return hashlib.sha256(parts.encode()).hexdigest()

    def _remember(self, line: str, pcm: Pcm) -> None:
        if line in self._recent:
            return
        self._recent[line] = _frozen(pcm)
        self._recent_bytes += pcm.nbytes
        while self._recent_bytes > _MEMORY_BYTES:
            _, dropped = self._recent.popitem(last=False)
            self._recent_bytes -= dropped.nbytes

    async def _read(self, key: str) -> Pcm | None:
        try:
            return await asyncio.to_thread(self._files.read, key)
        except OSError as error:
            log.warning("speech_cache_unreadable", extra={"reason": str(error)})
            return None

    async def _write(self, key: str, pcm: Pcm) -> None:
        try:
            await asyncio.to_thread(self._files.write, key, pcm)
        except OSError as error:  # a full disk costs time at the next start, never a call
            log.warning("speech_cache_unwritable", extra={"reason": str(error)})


def _frozen(pcm: Pcm) -> Pcm:
    pcm.setflags(write=False)  # every call that plays it gets a view of the same memory
    return pcm
