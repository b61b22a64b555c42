"""Audio in which nobody spoke: no recogniser needs to be asked, and most invent words for it."""

from typing import Final

import numpy as np

from agents.audio import FRAME_SAMPLES, RATE, Pcm

_SILENCE_DBOV: Final = -60.0
"""No 20 ms of the utterance louder than this: nobody spoke. Telephone speech is near -26 dBov, a faint caller at -40."""
_SHORTEST_S: Final = 0.1
"""Less holds no syllable."""


def quiet(pcm: Pcm) -> bool:
    """Whether ``pcm`` is too short or too faint to hold a word."""
    if len(pcm) < _SHORTEST_S * RATE:
        return True
    frames = pcm[: len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    loudest = float((frames**2).mean(axis=1).max()) / 32768.0**2
    return loudest < 10 ** (_SILENCE_DBOV / 10)
