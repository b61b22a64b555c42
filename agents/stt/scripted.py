"""The double of a recogniser: hears given texts, one after another, whatever was said."""

import asyncio
from collections.abc import Iterable

import numpy as np

from agents.audio import Pcm
from agents.stt.transcriber import Hint, Transcript, TranscriptionError


class ScriptedTranscriber:
    """Each utterance that is not digital silence takes the next of ``texts``; then it hears nothing any more.

    ``takes_s`` is the time that each one takes. ``heard`` keeps the utterances.
    """

    def __init__(self, texts: Iterable[str], takes_s: float = 0.0) -> None:
        self.name = "scripted"
        self._texts = iter(list(texts))
        self._takes_s = takes_s
        self._closed = False
        self.heard: list[Pcm] = []
        self.hints: list[Hint] = []

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        if self._closed:
            raise TranscriptionError("scripted: already closed")
        await asyncio.sleep(self._takes_s)
        if not np.any(pcm):
            return Transcript("", self._takes_s)
        self.heard.append(pcm)
        self.hints.append(hint)
        return Transcript(next(self._texts, ""), self._takes_s)

    async def close(self) -> None:
        self._closed = True
