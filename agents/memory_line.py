"""A line without a telephone: clips play in the time of a given clock, a script speaks for the caller."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from agents.audio import RATE, Pcm, seconds
from agents.bed import Leaving, check_bed
from agents.line import (
    CallerAudio,
    DigitPressed,
    LineClosed,
    LineEvent,
    PlaybackFinished,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    VoiceAudio,
    VoicePaused,
    VoiceStarted,
)
from agents.memory_bed import MemoryBed

PAUSE_S: Final = 0.1
"""Silence after which the end of the voice is reported."""
BATCH_S: Final = 0.2
"""Length of one VoiceAudio."""
_INSTANT_S: Final = 1e-6
"""Less than a sample: sums of floating-point times differ by as much."""


@dataclass(eq=False, slots=True)
class _Clip:
    name: str
    interruptible: bool
    chunks: deque[Pcm] = field(default_factory=deque)
    whole: bool = False
    """No further chunk comes."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """A chunk came, or the clip was held, let go or stopped."""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    started_at: float | None = None
    paused: bool = False
    leaving: Pcm | None = None
    """The chunk that is on its way out."""
    since: float = 0.0
    """When its first sample left."""
    said: list[Pcm] = field(default_factory=list)
    """Everything that has left."""

    @property
    def heard_s(self) -> float:
        return sum(len(piece) for piece in self.said) / RATE


@dataclass(frozen=True, slots=True)
class Sounded:
    """A stretch of a clip that left without a break. Times in s on the line's clock."""

    clip: str
    begun_at: float
    ended_at: float
    pcm: Pcm


class MemoryLine:
    """``clock`` and asyncio's sleep must run at the same speed: both real, or both virtual."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._events: asyncio.Queue[LineEvent] = asyncio.Queue()
        self._queue: deque[_Clip] = deque()
        self._player: asyncio.Task[None] | None = None
        self._closed = False
        self._held_at: float | None = None
        self._bed = MemoryBed()
        self._speaking = 0
        """Voices of the caller that are on."""
        self.caller_alone = False
        """What ``speak`` says is tagged as the caller's own voice."""
        self.holds: list[tuple[float, float]] = []
        """From when to when it was held."""
        self.played: list[tuple[str, Pcm]] = []
        """Clips that were heard to their end: what left the line of each."""
        self.sounded: list[Sounded] = []
        """Everything that left the line."""
        self.progress = asyncio.Event()
        """Set whenever a clip starts, pauses, goes on, ends or is stopped; whoever waits for it clears it."""

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
        self._let_go()
        while self._queue:
            self._cut(self._queue[0])

    async def hold(self) -> None:
        self._hold()

    async def resume(self) -> None:
        self._let_go()
        if self._queue:
            self._queue[0].changed.set()

    async def bed(self, audio: Pcm | None) -> None:
        if audio is not None:
            check_bed(audio)
        if not self._closed:
            self._bed.set(audio)
            self._note_leaving()

    # The caller's side

    def bed_heard(self, begin: float, end: float) -> Pcm:
        """What of beds left the line from ``begin`` to ``end`` (s on its clock, not later than now); clips are in ``sounded``."""
        return self._bed.heard(begin, end)

    @property
    def playing(self) -> str | None:
        """The clip of which audio is leaving now, or would be if the line were not held."""
        return self._queue[0].name if self._queue and self._queue[0].started_at is not None else None

    @property
    def held(self) -> bool:
        return self._held_at is not None

    @property
    def quiet(self) -> bool:
        """Nothing is playing or queued."""
        return not self._queue

    async def speak(self, pcm: Pcm) -> None:
        """The caller speaks for as long as ``pcm`` lasts; returns when the end has been reported, PAUSE_S later."""
        begun = self._clock()
        self._hold_by_itself()
        self._put(VoiceStarted(begun, self.playing))
        self._speaking += 1
        self._note_leaving()
        try:
            await self._say(pcm, begun)
        finally:
            self._speaking -= 1
            self._note_leaving()
        self._put(VoicePaused(begun + seconds(pcm)))

    async def _say(self, pcm: Pcm, begun: float) -> None:
        step = round(BATCH_S * RATE)
        for start in range(0, len(pcm), step):
            piece = pcm[start : start + step]
            await asyncio.sleep(seconds(piece))
            self._put((CallerAudio if self.caller_alone else VoiceAudio)(begun + start / RATE, piece))
        await asyncio.sleep(PAUSE_S)

    async def click(self, duration_s: float) -> None:
        """A sound that turns out not to be a voice: the line holds itself for so long and goes on."""
        held_before = self.held
        self._hold_by_itself()
        await asyncio.sleep(duration_s)
        if not held_before:
            await self.resume()

    def press(self, digit: str) -> None:
        self._put(DigitPressed(self._clock(), digit))

    def hang_up(self, reason: str = "hangup") -> None:
        """Every clip ends, then LineClosed follows. Doing it twice does nothing more."""
        if self._closed:
            return
        while self._queue:
            self._cut(self._queue[0])
        self._bed.set(None)
        self._note_leaving()
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
                self._note_leaving()
                if entry.started_at is None:
                    self._put(PlaybackStarted(entry.name, self._clock()))
                self.played.append((entry.name, np.concatenate(entry.said) if entry.said else np.zeros(0, dtype=np.int16)))
                self._put(PlaybackFinished(entry.name, self._clock()))
                self.progress.set()

    async def _play_one(self, entry: _Clip) -> None:
        while not entry.stopped.is_set():
            entry.changed.clear()
            if self.held and entry.interruptible:
                await entry.changed.wait()
            elif entry.paused:
                self._go_on(entry)
            elif entry.chunks:
                await self._play_chunk(entry, entry.chunks.popleft())
            elif entry.whole:
                return
            else:
                await entry.changed.wait()

    async def _play_chunk(self, entry: _Clip, chunk: Pcm) -> None:
        entry.leaving, entry.since = chunk, self._clock()
        if entry.started_at is None:
            entry.started_at = entry.since
            self._put(PlaybackStarted(entry.name, entry.started_at))
            self.progress.set()
        self._note_leaving()
        ends_at = entry.since + seconds(chunk)
        while entry.leaving is not None and (left_s := ends_at - self._clock()) > _INSTANT_S:
            entry.changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await entry.changed.wait()
        if entry.leaving is not None:
            self._left(entry, len(chunk))

    def _left(self, entry: _Clip, samples: int) -> None:
        """So much of the leaving chunk is gone; the rest waits in front of the others."""
        chunk, entry.leaving = entry.leaving, None
        if chunk is None:
            return
        entry.said.append(chunk[:samples])
        self.sounded.append(Sounded(entry.name, entry.since, entry.since + samples / RATE, chunk[:samples]))
        if samples < len(chunk):
            entry.chunks.appendleft(chunk[samples:])
        self._note_leaving()

    def _note_leaving(self) -> None:
        self._bed.note(self._clock(), self._leaving(), self._speaking > 0)

    def _leaving(self) -> Leaving:
        if not self._queue or self._queue[0].started_at is None:
            return Leaving.NOTHING
        return Leaving.BROKEN if self._queue[0].leaving is None else Leaving.CLIP

    def _break_off(self, entry: _Clip) -> None:
        if entry.leaving is not None:
            self._left(entry, min(len(entry.leaving), round((self._clock() - entry.since) * RATE)))

    def _hold_by_itself(self) -> None:
        if any(entry.interruptible for entry in self._queue):
            self._hold()

    def _hold(self) -> None:
        if self.held:
            return
        self._held_at = self._clock()
        if self._queue and self._queue[0].interruptible and self._queue[0].started_at is not None:
            entry = self._queue[0]
            self._break_off(entry)
            entry.paused = True
            self._put(PlaybackPaused(entry.name, self._clock(), entry.heard_s))
            entry.changed.set()
            self.progress.set()

    def _let_go(self) -> None:
        if self._held_at is not None:
            self.holds.append((self._held_at, self._clock()))
            self._held_at = None

    def _go_on(self, entry: _Clip) -> None:
        entry.paused = False
        self._put(PlaybackResumed(entry.name, self._clock()))
        self.progress.set()

    def _cut(self, entry: _Clip) -> None:
        self._queue.remove(entry)
        self._break_off(entry)
        self._note_leaving()
        entry.stopped.set()
        entry.changed.set()
        self._put(PlaybackStopped(entry.name, self._clock(), entry.heard_s))
        self.progress.set()
