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
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from agents.audio import RATE, Pcm
from agents.tts.clip_files import ClipFiles, Spoken
from agents.tts.iterating import closing, drain
from agents.tts.plain_text import places, plain
from agents.tts.speaker import Speaker
from agents.tts.word_times import Speech, Timeline, WordTime, relocated, words_of

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
        self._prepared: dict[str, Spoken] = {}
        self._recent: OrderedDict[str, Spoken] = OrderedDict()
        self._recent_bytes = 0

    async def prepare(self, sentences: Iterable[str]) -> int:
        """Keeps fixed sentences ready; returns how many had to be synthesised. They must hold no personal data. Raises SpeechError."""
        version = await self._inner.version()
        spoken = 0
        for sentence in dict.fromkeys(plain(sentence) for sentence in sentences):
            key = self._key(sentence, version)
            clip = await self._read(key)
            if clip is None:
                audio = self._inner.speak(sentence)
                pcm = await drain(audio)
                clip = Spoken(pcm, tuple(words_of(audio)))
                await self._write(key, clip)
                spoken += 1
            self._prepared[sentence] = _frozen(clip)
        return spoken

    def speak(self, text: str) -> Speech:
        """From memory when it is there, else from disk, else as ``inner`` speaks it. Raises SpeechError.

        The disk counts because the first callers of a new process come before ``prepare`` is through with all that an earlier one kept.
        """
        return Speech(partial(self._speak, text))

    async def _speak(self, text: str, words: list[WordTime]) -> AsyncGenerator[Pcm, None]:
        line, origin = plain(text), places(text)
        known = self._prepared.get(line)
        if known is None and (known := self._recent.get(line)) is not None:
            self._recent.move_to_end(line)
        if known is None and (known := await self._read(self._key(line, await self._inner.version()))) is not None:
            self._remember(line, known)
        if known is not None:
            timeline = Timeline(words, origin)
            for word in known.words:
                timeline.add(word)
            for start in range(0, len(known.pcm), _CHUNK):
                chunk = known.pcm[start : start + _CHUNK]
                timeline.made(chunk, 0.0)
                yield chunk
            timeline.finish()
            return
        chunks: list[Pcm] = []
        async with closing(self._inner.speak(line)) as audio:
            timed = words_of(audio)
            async for chunk in audio:
                chunks.append(chunk)
                words += relocated(timed[len(words) :], origin)
                yield chunk
        words += relocated(timed[len(words) :], origin)
        self._remember(line, Spoken(np.concatenate(chunks), tuple(timed)))

    async def close(self) -> None:
        await self._inner.close()

    def _key(self, sentence: str, version: str) -> str:
        parts = json.dumps([self.name, version, _PROCESSING, sentence], ensure_ascii=True)
        return hashlib.sha256(parts.encode()).hexdigest()

    def _remember(self, line: str, clip: Spoken) -> None:
        if line in self._recent:
            return
        self._recent[line] = _frozen(clip)
        self._recent_bytes += clip.pcm.nbytes
        while self._recent_bytes > _MEMORY_BYTES:
            _, dropped = self._recent.popitem(last=False)
            self._recent_bytes -= dropped.pcm.nbytes

    async def _read(self, key: str) -> Spoken | None:
        try:
            return await asyncio.to_thread(self._files.read, key)
        except OSError as error:
            log.warning("speech_cache_unreadable", extra={"reason": str(error)})
            return None

    async def _write(self, key: str, clip: Spoken) -> None:
        try:
            await asyncio.to_thread(self._files.write, key, clip)
        except OSError as error:  # a full disk costs time at the next start, never a call
            log.warning("speech_cache_unwritable", extra={"reason": str(error)})


def _frozen(clip: Spoken) -> Spoken:
    clip.pcm.setflags(write=False)  # every call that plays it gets a view of the same memory
    return clip
