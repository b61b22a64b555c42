"""A chain of voices: the next one speaks when one fails or is too slow to begin."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable, Sequence
from functools import partial
from typing import Final, Protocol, runtime_checkable

from agents.audio import Pcm
from agents.speech.cooldown import Cooldown
from agents.tts.iterating import closing
from agents.tts.speaker import Speaker, SpeechError
from agents.tts.word_times import Speech, WordTime, words_of

log = logging.getLogger(__name__)

FIRST_AUDIO_S: Final = 1.0
"""Default limit for the first audio: with it and the fallback's own time, dead air stays below 1.5 s."""
STALL_S: Final = 2.0
"""Longest wait for any later chunk."""


@runtime_checkable
class Prepares(Protocol):
    async def prepare(self, sentences: Iterable[str]) -> int: ...


class FallbackSpeaker:
    """Tries ``speakers`` in order; one that failed is tried last for 30 s. Owns them: ``close`` closes all."""

    def __init__(self, speakers: Sequence[Speaker], first_audio_s: float = FIRST_AUDIO_S, cooldown: Cooldown | None = None) -> None:
        if not speakers:
            raise ValueError("a chain of voices needs at least one")
        self.name = " > ".join(speaker.name for speaker in speakers)
        self._speakers = tuple(speakers)
        self._first_audio_s = first_audio_s
        self._cooldown = cooldown or Cooldown()

    def speak(self, text: str) -> Speech:
        """Raises SpeechError when no voice begins, or when one fails in mid-sentence: half a sentence cannot be taken over."""
        return Speech(partial(self._speak, text))

    async def _speak(self, text: str, words: list[WordTime]) -> AsyncGenerator[Pcm, None]:
        reasons: list[str] = []
        for speaker in self._cooldown.ordered(self._speakers):
            begun = False
            try:
                async with closing(speaker.speak(text)) as audio:
                    timed = words_of(audio)
                    while True:
                        async with asyncio.timeout(STALL_S if begun else self._first_audio_s):
                            chunk = await anext(audio, None)
                        if chunk is None:
                            break
                        begun = True
                        words += timed[len(words) :]
                        yield chunk
                    words += timed[len(words) :]
                if begun:
                    self._cooldown.worked(speaker)
                    return
                reasons.append(f"{speaker.name}: no audio")
            except SpeechError as error:
                reasons.append(str(error))
            except TimeoutError:
                reasons.append(f"{speaker.name}: no audio within {STALL_S if begun else self._first_audio_s:g} s")
            self._cooldown.failed(speaker)
            log.warning("voice_failed", extra={"voice": speaker.name, "begun": begun})
            if begun:
                break
        raise SpeechError("; ".join(reasons))

    async def prepare(self, sentences: Iterable[str]) -> int:
        """Has the first voice that can do so keep ``sentences`` ready; returns how many were synthesised. Raises SpeechError."""
        wanted = list(sentences)
        for speaker in self._speakers:
            if isinstance(speaker, Prepares):
                return await speaker.prepare(wanted)
        return 0

    async def close(self) -> None:
        for speaker in self._speakers:
            await speaker.close()
