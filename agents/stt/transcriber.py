"""The seam every recogniser fits into."""

from dataclasses import dataclass
from typing import Protocol

from agents.audio import Pcm


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    """What was said, as the recogniser writes it; empty when it heard no words."""
    took_s: float
    """Seconds of processing, waiting in the pool included."""


class TranscriptionError(Exception):
    """The recogniser failed; the message names the provider and the remedy."""


class Transcriber(Protocol):
    name: str

    async def transcribe(self, pcm: Pcm) -> Transcript:
        """Recognise a whole utterance (16 kHz mono int16). Cancelling the await discards the work.

        Raises TranscriptionError.
        """
        ...

    async def close(self) -> None: ...
