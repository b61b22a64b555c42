"""A chain of recognisers: the next one listens when one fails or takes too long."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agents.audio import Pcm
from agents.speech.cooldown import Cooldown
from agents.stt.transcriber import Hint, Transcriber, Transcript, TranscriptionError

log = logging.getLogger(__name__)

LIMIT_S: Final = 3.0


class FallbackTranscriber:
    """Tries ``transcribers`` in order, each for at most ``limit_s`` seconds; one that failed is tried last for 30 s. Owns them."""

    def __init__(self, transcribers: Sequence[Transcriber], limit_s: float = LIMIT_S, cooldown: Cooldown | None = None) -> None:
        if not transcribers:
            raise ValueError("a chain of recognisers needs at least one")
        self.name = " > ".join(transcriber.name for transcriber in transcribers)
        self._transcribers = tuple(transcribers)
        self._limit_s = limit_s
        self._cooldown = cooldown or Cooldown()

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        started = time.monotonic()
        reasons: list[str] = []
        for transcriber in self._cooldown.ordered(self._transcribers):
            try:
                async with asyncio.timeout(self._limit_s):
                    heard = await transcriber.transcribe(pcm, hint)
            except TranscriptionError as error:
                reasons.append(str(error))
            except TimeoutError:
                reasons.append(f"{transcriber.name}: no text within {self._limit_s:g} s")
            else:
                self._cooldown.worked(transcriber)
                return replace(heard, took_s=time.monotonic() - started)
            self._cooldown.failed(transcriber)
            log.warning("recogniser_failed", extra={"recogniser": transcriber.name})
        raise TranscriptionError("; ".join(reasons))

    async def close(self) -> None:
        for transcriber in self._transcribers:
            await transcriber.close()
