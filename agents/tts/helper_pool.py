"""Resident synthesisers: a sentence goes to the least busy one and survives one death of its helper."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from agents.tts import helper_wire as wire
from agents.tts.helper_process import Frame, HelperDied, HelperProcess, Program
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError


class HelperPool:
    """``size`` helpers, started when first needed."""

    def __init__(self, tree: ProgramTree, program: Program, size: int) -> None:
        self._tree = tree
        self._program = program
        self._helpers: list[HelperProcess | None] = [None] * size
        self._starting = [asyncio.Lock() for _ in range(size)]
        self._busy = [0] * size
        self._closed = False

    def __len__(self) -> int:
        return len(self._helpers)

    async def frames(self, text: str, voice: str, rate: float) -> AsyncGenerator[Frame, None]:
        """RATE, AUDIO and WORD frames. Raises SpeechError."""
        place = min(range(len(self._busy)), key=self._busy.__getitem__)
        self._busy[place] += 1
        try:
            async with aclosing(self._frames(place, text, voice, rate)) as frames:
                async for frame in frames:
                    yield frame
        finally:
            self._busy[place] -= 1

    async def version(self) -> str:
        """Of the library, such as ``1.14.0``."""
        return (await self._helper(0)).version

    async def close(self) -> None:
        self._closed = True
        for place, helper in enumerate(self._helpers):
            async with self._starting[place]:
                if helper is not None:
                    self._helpers[place] = None
                    await helper.close()

    async def _frames(self, place: int, text: str, voice: str, rate: float) -> AsyncGenerator[Frame, None]:
        # Bytes of audio, and words: the same text gives the same ones, so a second helper carries on behind them.
        delivered = words = 0
        for _ in range(2):
            skip, skip_words = delivered, words
            helper = await self._helper(place)
            try:
                async with aclosing(helper.speak(text, voice, rate)) as frames:
                    async for frame in frames:
                        if frame.kind == wire.AUDIO:
                            fresh, skip = frame.payload[skip:], max(0, skip - len(frame.payload))
                            delivered += len(fresh)
                            yield Frame(wire.AUDIO, fresh)
                        elif frame.kind == wire.WORD:
                            if skip_words:
                                skip_words -= 1
                                continue
                            words += 1
                            yield frame
                        elif not delivered:
                            yield frame
                return
            except HelperDied:
                if delivered and not self._program.repeatable:
                    raise SpeechError(f"{self._program.engine}: the helper died in mid-sentence") from None
        raise SpeechError(f"{self._program.engine}: the helper died twice on one sentence; if it goes on, set speech.voice to another one")

    async def _helper(self, place: int) -> HelperProcess:
        async with self._starting[place]:
            helper = self._helpers[place]
            if self._closed:
                raise SpeechError(f"{self._program.engine}: already closed")
            if helper is None or not helper.alive:
                if helper is not None:
                    await helper.close()
                    self._helpers[place] = None
                helper = self._helpers[place] = await HelperProcess.start(self._tree, self._program)
            return helper
