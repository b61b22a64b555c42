"""The seam every voice fits into."""

from collections.abc import AsyncIterator
from typing import Protocol

from agents.audio import Pcm


class SpeechError(Exception):
    """The voice failed; the message names the provider and the remedy."""


class Speaker(Protocol):
    name: str

    def speak(self, text: str) -> AsyncIterator[Pcm]:
        """Audio of one sentence, 16 kHz mono int16, in chunks as they become ready (at least one).

        Closing the iterator ends the synthesis. Raises SpeechError.
        """
        ...

    async def close(self) -> None: ...
