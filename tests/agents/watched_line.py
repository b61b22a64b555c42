"""A line in memory that also remembers what it was told and what it was given to play."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable

import numpy as np

from agents.audio import Pcm, seconds
from agents.memory_line import MemoryLine
from agents.tts.iterating import closing


class WatchedLine(MemoryLine):
    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.told: list[tuple[str, float]] = []
        """``hold``, ``resume`` or ``stop``, and when."""
        self.given: dict[str, list[Pcm]] = defaultdict(list)
        """Audio by clip, so far."""
        self.must_be_heard: set[str] = set()
        self.voices: list[tuple[float, float]] = []
        """From when to when the caller's voice was on."""
        self._now = clock

    async def play(self, clip: str, audio: AsyncIterator[Pcm], *, interruptible: bool = True) -> None:
        if not interruptible:
            self.must_be_heard.add(clip)
        await super().play(clip, self._watched(clip, audio), interruptible=interruptible)

    async def _watched(self, clip: str, audio: AsyncIterator[Pcm]) -> AsyncIterator[Pcm]:
        async with closing(audio):
            async for chunk in audio:
                self.given[clip].append(chunk)
                yield chunk

    async def speak(self, pcm: Pcm) -> None:
        begun = self._now()
        self.voices.append((begun, begun + seconds(pcm)))
        await super().speak(pcm)

    async def hold(self) -> None:
        self.told.append(("hold", self._now()))
        await super().hold()

    async def resume(self) -> None:
        self.told.append(("resume", self._now()))
        await super().resume()

    async def stop(self) -> None:
        self.told.append(("stop", self._now()))
        await super().stop()

    def source(self, clip: str) -> Pcm:
        """What it was given of a clip."""
        pieces = self.given[clip]
        return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)

    def left(self, clip: str) -> Pcm:
        """What the caller has heard of a clip."""
        pieces = [stretch.pcm for stretch in self.sounded if stretch.clip == clip]
        return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)
