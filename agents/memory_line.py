"""A line without a telephone: clips play in the time of a given clock, a script speaks for the caller."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from agents.audio import RATE, Pcm, seconds
from agents.line import (
    DigitPressed,
    LineClosed,
    LineEvent,
    PlaybackFinished,
    PlaybackStarted,
    PlaybackStopped,
    VoiceAudio,
    VoicePaused,
    VoiceStarted,
)

PAUSE_S: Final = 0.1
"""Silence after which the end of the voice is reported."""
BATCH_S: Final = 0.2
"""Length of one VoiceAudio."""


@dataclass(eq=False, slots=True)
class _Clip:
    name: str
    interruptible: bool
    chunks: deque[Pcm] = field(default_factory=deque)
    whole: bool = False
    """No further chunk comes."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    started_at: float | None = None
    done_s: float = 0.0
    chunk_since: float | None = None
    said: list[Pcm] = field(default_factory=list)


class MemoryLine:
    """``clock`` and asyncio's sleep must run at the same speed: both real, or both virtual."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._events: asyncio.Queue[LineEvent] = asyncio.Queue()
        self._queue: deque[_Clip] = deque()
        self._player: asyncio.Task[None] | None = None
        self._closed = False
        self.played: list[tuple[str, Pcm]] = []
        """Clips that were heard to their end."""
        self.progress = asyncio.Event()
        """Set whenever a clip starts, ends or is stopped; whoever waits for it clears it."""

    # The agent's side

    async def events(self) -> AsyncIterator[LineEvent]:
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, LineClosed):
                return

    async def play(self, clip: str, audio: AsyncIterator[Pcm], *, interruptible: bool = True) -> None:
        if self._closed:
            return
        entry = _Clip(clip, interruptible)
        self._queue.append(entry)
        if self._player is None or self._player.done():
            self._player = asyncio.create_task(self._run())
        try:
            await self._fill(entry, audio)
        finally:
            entry.whole = True
            entry.changed.set()

    async def _fill(self, entry: _Clip, audio: AsyncIterator[Pcm]) -> None:
        stopped = asyncio.ensure_future(entry.stopped.wait())
        try:
            while True:
                pull = asyncio.ensure_future(anext(audio, None))
                try:
                    await asyncio.wait({pull, stopped}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not pull.done():
                        pull.cancel()
                        await asyncio.gather(pull, return_exceptions=True)
                if pull.cancelled() or (chunk := pull.result()) is None or entry.stopped.is_set():
                    return
                entry.chunks.append(chunk)
                entry.changed.set()
        finally:
            stopped.cancel()
            if (close := getattr(audio, "aclose", None)) is not None:
                await close()

    async def stop(self) -> None:
        while self._queue:
            self._cut(self._queue[0])

    # The caller's side

    @property
    def playing(self) -> str | None:
        """The clip of which audio is leaving now."""
        return self._queue[0].name if self._queue and self._queue[0].started_at is not None else None

    @property
    def quiet(self) -> bool:
        """Nothing is playing or queued."""
        return not self._queue

    async def speak(self, pcm: Pcm) -> None:
        """The caller speaks for as long as ``pcm`` lasts; returns when the end has been reported, PAUSE_S later."""
        begun = self._clock()
        self._put(VoiceStarted(begun, self.playing))
        if self._queue and self._queue[0].started_at is not None and self._queue[0].interruptible:
            self._cut(self._queue[0])
        step = round(BATCH_S * RATE)
        for start in range(0, len(pcm), step):
            piece = pcm[start : start + step]
            await asyncio.sleep(seconds(piece))
            self._put(VoiceAudio(begun + start / RATE, piece))
        await asyncio.sleep(PAUSE_S)
        self._put(VoicePaused(begun + seconds(pcm)))

    def press(self, digit: str) -> None:
        self._put(DigitPressed(self._clock(), digit))

    def hang_up(self, reason: str = "hangup") -> None:
        """Every clip ends, then LineClosed follows. Doing it twice does nothing more."""
        if self._closed:
            return
        while self._queue:
            self._cut(self._queue[0])
        self._put(LineClosed(self._clock(), reason))
        self._closed = True
        if self._player:
            self._player.cancel()

    def _put(self, event: LineEvent) -> None:
        if not self._closed:
            self._events.put_nowait(event)

    # Playout

    async def _run(self) -> None:
        while self._queue:
            entry = self._queue[0]
            await self._play_one(entry)
            if self._queue and self._queue[0] is entry:
                self._queue.popleft()
                if entry.started_at is None:
                    self._put(PlaybackStarted(entry.name, self._clock()))
                self.played.append((entry.name, np.concatenate(entry.said) if entry.said else np.zeros(0, dtype=np.int16)))
                self._put(PlaybackFinished(entry.name, self._clock()))
                self.progress.set()

    async def _play_one(self, entry: _Clip) -> None:
        while not entry.stopped.is_set():
            entry.changed.clear()
            if entry.chunks:
                await self._play_chunk(entry, entry.chunks.popleft())
            elif entry.whole:
                return
            else:
                await entry.changed.wait()

    async def _play_chunk(self, entry: _Clip, chunk: Pcm) -> None:
        entry.chunk_since = self._clock()
        if entry.started_at is None:
            entry.started_at = entry.chunk_since
            self._put(PlaybackStarted(entry.name, entry.started_at))
            self.progress.set()
        entry.said.append(chunk)
        try:
            async with asyncio.timeout(seconds(chunk)):
                await entry.stopped.wait()
        except TimeoutError:
            entry.done_s += seconds(chunk)
            entry.chunk_since = None

    def _cut(self, entry: _Clip) -> None:
        self._queue.remove(entry)
        now = self._clock()
        heard = entry.done_s + (now - entry.chunk_since if entry.chunk_since is not None else 0.0)
        entry.stopped.set()
        entry.changed.set()
        self._put(PlaybackStopped(entry.name, now, heard))
        self.progress.set()
