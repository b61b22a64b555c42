"""An utterance recognised piece by piece, put together again."""

from collections.abc import Iterable
from dataclasses import dataclass

from agents.stt.transcriber import Transcript


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    """Empty: no words in it."""
    confidence: float
    """0 to 1."""


def joined(pieces: Iterable[Piece], took_s: float) -> Transcript:
    """As sure as its least sure piece; those without words say nothing about it."""
    worded = [piece for piece in pieces if piece.text]
    return Transcript(" ".join(piece.text for piece in worded), took_s, min((piece.confidence for piece in worded), default=None))
