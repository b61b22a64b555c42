"""The only door by which sound enters the analysis of feelings: speech that is tagged as the caller's leg, and nothing else."""

from collections.abc import Sequence

import numpy as np

from agents.audio import Pcm
from agents.line import CallerAudio


def hear(audio: Sequence[CallerAudio]) -> Pcm | None:
    """The speech in one piece; None when there is none.

    Raises:
        TypeError: ``audio`` is no sequence, or anything in it is not ``CallerAudio`` itself: the sound of another person's leg, of a
            mixed line, of no known line.
    """
    given: object = audio
    if not isinstance(given, Sequence):
        raise TypeError(_refusal(given))
    for piece in given:
        # The exact type: a subclass could be made for another leg.
        if type(piece) is not CallerAudio:
            raise TypeError(_refusal(piece))
    return np.concatenate([piece.pcm for piece in audio]) if len(audio) else None


def _refusal(found: object) -> str:
    return (
        f"the analysis of feelings was given {type(found).__name__}: it takes only CallerAudio, the caller's own leg while nobody else is "
        "on it; let the line of the caller tag it, and leave every other sound out"
    )
