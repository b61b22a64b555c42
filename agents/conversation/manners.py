"""The agent's own "mm-hm" while the caller tells a long story. It is no turn: nobody gets the floor by it, nothing stops or holds it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final

from agents.audio import Pcm
from agents.conversation.clip_names import names_on
from agents.conversation.prepared import Prepared
from agents.line import Line
from agents.tts.speaker import Speaker, SpeechError
from agents.turns.knobs import WaitLimits

log = logging.getLogger(__name__)

MURMURS: Final = ("Okay.", "I see.")
"""Taken in turns. Words, because the offline voices spell a hum letter by letter."""
_PREFIX: Final = "murmur-"


class Manners:
    """``prepare`` when murmurs are wanted; then ``murmur`` costs nothing."""

    def __init__(self, line: Line, speaker: Speaker, limits: WaitLimits, clock: Callable[[], float]) -> None:
        self._line = line
        self._speaker = speaker
        self._limits = limits
        self._clock = clock
        self._making: asyncio.Task[list[list[Pcm]]] | None = None
        self._playing: set[asyncio.Task[None]] = set()
        self._names = names_on(line)
        self._count = 0

    def prepare(self) -> None:
        """Have the sounds made, once."""
        if self._making is None:
            self._making = asyncio.create_task(self._make())

    async def _make(self) -> list[list[Pcm]]:
        sounds = []
        for text in MURMURS:
            prepared = Prepared(self._speaker, text, self._limits, self._clock)
            try:
                await prepared.first()
                sounds.append([chunk async for chunk in prepared.chunks()])
            except SpeechError as error:
                log.warning("murmur_not_made", extra={"speaker": self._speaker.name, "error": str(error)})
            finally:
                await prepared.closed()
        return sounds

    def owns(self, clip: str) -> bool:
        return clip.startswith(_PREFIX)

    def murmur(self) -> bool:
        """Say one now. False when none is ready: then the moment passes in silence."""
        if self._making is None or not self._making.done() or not (sounds := self._making.result()):
            return False
        self._count += 1
        task = asyncio.create_task(self._play(f"{_PREFIX}{self._names.murmur()}", sounds[(self._count - 1) % len(sounds)]))
        self._playing.add(task)
        task.add_done_callback(self._playing.discard)
        return True

    async def _play(self, clip: str, sound: list[Pcm]) -> None:
        await self._line.play(clip, _each(sound), interruptible=False)

    async def close(self) -> None:
        tasks = [*self._playing, *([self._making] if self._making else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _each(sound: list[Pcm]) -> AsyncIterator[Pcm]:
    for chunk in sound:
        yield chunk
