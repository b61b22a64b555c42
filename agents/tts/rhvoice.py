"""RHVoice as a Speaker: resident helper processes, first audio after a few milliseconds, streaming."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from agents.audio import Pcm
from agents.tts import rhvoice_server as wire
from agents.tts.iterating import drain
from agents.tts.leveling import Leveler
from agents.tts.plain_text import plain
from agents.tts.resampling import Resampler
from agents.tts.rhvoice_pool import RHVoicePool
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError

GAIN_DB: Final = {"bdl": 0.2, "slt": -0.9, "alan": 0.7, "clb": -6.3}
"""From the voice's own active speech level to leveling.TARGET_DBOV; the same for all sentences, so that loudness does not jump."""


class RHVoiceSpeaker:
    """``helpers`` sentences at once. ``rate``: 1 is normal speed, 0.5 to 2."""

    def __init__(self, tree: ProgramTree, voice: str, *, rate: float = 1.0, helpers: int = 2) -> None:
        if voice not in GAIN_DB:
            raise SpeechError(f"rhvoice: there is no voice {voice!r}; use one of: {', '.join(GAIN_DB)}")
        if not 0.5 <= rate <= 2.0:
            raise SpeechError(f"rhvoice: rate {rate} is outside 0.5 to 2.0")
        self.name = f"rhvoice:{voice}"
        self._voice, self._rate = voice, rate
        self._pool = RHVoicePool(tree, helpers)

    async def warm_up(self) -> None:
        """Starts the helpers and loads the voice in each, 0.2 s. Raises SpeechError."""
        await asyncio.gather(*(drain(self.speak("Hello.")) for _ in range(len(self._pool))))

    async def version(self) -> str:
        """Part of the key of cached sentences. Raises SpeechError."""
        return f"{await self._pool.version()} rate {self._rate}"

    async def speak(self, text: str) -> AsyncGenerator[Pcm, None]:
        leveler, resampler, chunks = Leveler(GAIN_DB[self._voice]), Resampler(24_000), 0
        async with aclosing(self._pool.frames(plain(text), self._voice, self._rate)) as frames:
            async for frame in frames:
                if frame.kind == wire.RATE:
                    resampler = Resampler(int(frame.payload))
                elif len(pcm := leveler.push(resampler.push(frame.payload))):
                    chunks += 1
                    yield pcm
        for pcm in (leveler.push(resampler.finish()), leveler.finish()):
            if len(pcm):
                chunks += 1
                yield pcm
        if not chunks:
            raise SpeechError("rhvoice: the text holds nothing that can be spoken")

    async def close(self) -> None:
        await self._pool.close()
