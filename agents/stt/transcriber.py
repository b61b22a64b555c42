"""The seam every recogniser fits into."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from agents.audio import Pcm


class Hint(Enum):
    """What the caller was asked for: recognisers that can make use of it do."""

    SPEECH = "speech"
    """Anything."""
    DIGITS = "digits"
    """A number, said digit by digit. Other answers are still heard as they are."""


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    """What was said, as the recogniser writes it; empty when it heard no words."""
    took_s: float
    """Seconds of processing, waiting in the pool included."""
    confidence: float | None = None
    """How sure the recogniser is of its least sure piece, 0 to 1: the geometric mean of what its model gave to each token. None: it does
    not say. Figures of different recognisers are no measure of each other."""


class TranscriptionError(Exception):
    """The recogniser failed; the message names the provider and the remedy."""


class Transcriber(Protocol):
    name: str

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        """Recognise a whole utterance (16 kHz mono int16). Cancelling the await discards the work.

        Raises TranscriptionError.
        """
        ...

    async def close(self) -> None: ...
