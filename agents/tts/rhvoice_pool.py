"""Resident RHVoice helpers: a sentence goes to the least busy one and survives one death of its helper."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from agents.tts import rhvoice_server as wire
from agents.tts.rhvoice_process import Frame, HelperDied, RHVoiceProcess
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError


class RHVoicePool:
    """``size`` helpers, started when first needed."""

    def __init__(self, tree: ProgramTree, size: int) -> None:
        self._tree = tree
        self._helpers: list[RHVoiceProcess | None] = [None] * size
        self._starting = [asyncio.Lock() for _ in range(size)]
        self._busy = [0] * size
        self._closed = False

    def __len__(self) -> int:
        return len(self._helpers)

    async def frames(self, text: str, voice: str, rate: float) -> AsyncGenerator[Frame, None]:
        """RATE and AUDIO frames. Raises SpeechError."""
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
        delivered = 0  # bytes of audio: the same text gives the same samples, so a second helper carries on behind them
        for _ in range(2):
            skip = delivered
            helper = await self._helper(place)
            try:
                async with aclosing(helper.speak(text, voice, rate)) as frames:
                    async for frame in frames:
                        if frame.kind == wire.AUDIO:
                            fresh, skip = frame.payload[skip:], max(0, skip - len(frame.payload))
                            delivered += len(fresh)
                            yield Frame(wire.AUDIO, fresh)
                        elif not delivered:
                            yield frame
                return
            except HelperDied:
                continue
        raise SpeechError("rhvoice: the helper died twice on one sentence; set speech.voice to flite:rms if it goes on")

    async def _helper(self, place: int) -> RHVoiceProcess:
        async with self._starting[place]:
            helper = self._helpers[place]
            if self._closed:
                raise SpeechError("rhvoice: already closed")
            if helper is None or not helper.alive:
                if helper is not None:
                    await helper.close()
                    self._helpers[place] = None
                helper = self._helpers[place] = await RHVoiceProcess.start(self._tree)
            return helper
