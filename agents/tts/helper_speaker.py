"""A resident synthesiser as a Speaker: its samples resampled and leveled, its words put where they are in the audio that comes out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from agents.audio import RATE, Pcm
from agents.tts import helper_wire as wire
from agents.tts.gain import CALIBRATION, Gain, leveled
from agents.tts.helper_pool import HelperPool
from agents.tts.helper_process import Program
from agents.tts.iterating import drain
from agents.tts.leveling import Samples
from agents.tts.plain_text import places, plain
from agents.tts.resampling import Resampler
from agents.tts.runtime import ProgramTree
from agents.tts.word_times import Speech, Timeline, WordTime


class HelperSpeaker:
    """``helpers`` processes that run ``program``.

    ``gain_db``: from the voice's own active speech level to leveling.TARGET_DBOV; None: found out when it warms up.
    """

    def __init__(
        self, tree: ProgramTree, program: Program, voice: str, gain_db: float | None, *, rate: float = 1.0, helpers: int = 2
    ) -> None:
        self.name = f"{program.engine}:{voice}"
        self._engine, self._voice, self._gain, self._rate = program.engine, voice, Gain(gain_db), rate
        self._pool = HelperPool(tree, program, helpers)

    async def warm_up(self, at_once: int = 1) -> None:
        """Starts the helpers and has each make ``at_once`` sentences by turns. Raises SpeechError."""
        if not self._gain.known:
            await drain(self.speak(CALIBRATION))
        await asyncio.gather(*(drain(self.speak("Hello.")) for _ in range(len(self._pool) * at_once)))

    async def version(self) -> str:
        """Part of the key of cached sentences. Raises SpeechError."""
        return f"{await self._pool.version()} rate {self._rate}"

    def speak(self, text: str) -> Speech:
        return Speech(partial(self._speak, text))

    async def close(self) -> None:
        await self._pool.close()

    async def _speak(self, text: str, words: list[WordTime]) -> AsyncGenerator[Pcm, None]:
        timeline = Timeline(words, places(text))
        async with (
            aclosing(self._samples(plain(text), timeline)) as parts,
            aclosing(leveled(parts, self._gain, timeline, self._engine)) as audio,
        ):
            async for pcm in audio:
                yield pcm

    async def _samples(self, line: str, timeline: Timeline) -> AsyncGenerator[Samples, None]:
        rate = RATE
        resampler = Resampler(rate)
        async with aclosing(self._pool.frames(line, self._voice, self._rate)) as frames:
            async for frame in frames:
                if frame.kind == wire.RATE:
                    rate = int(frame.payload)
                    resampler = Resampler(rate)
                elif frame.kind == wire.WORD:
                    start, end, first, behind = wire.WORD_TIME.unpack(frame.payload)
                    timeline.add(WordTime(start, end, first / rate, behind / rate))
                else:
                    yield resampler.push(frame.payload)
        yield resampler.finish()
