"""The sound of one utterance, put together from the pieces that the line delivers."""

from typing import Final

import numpy as np

from agents.audio import RATE, Pcm, silence
from agents.line import VoiceAudio

MAX_GAP_S: Final = 0.3
"""Silence put between two pieces at most: enough for the recogniser to hear the pause, without paying for a long one."""


class UtteranceAudio:
    """Pieces in order. A gap between them is filled with silence, up to MAX_GAP_S."""

    def __init__(self) -> None:
        self._pieces: list[Pcm] = []
        self._end: float | None = None

    def add(self, audio: VoiceAudio) -> None:
        gap = audio.at - self._end if self._end is not None else 0.0
        if gap > 1 / RATE:
            self._pieces.append(silence(min(gap, MAX_GAP_S)))
        self._pieces.append(audio.pcm)
        self._end = audio.at + len(audio.pcm) / RATE

    def pcm(self) -> Pcm:
        """Everything so far, shape (n,); empty when nothing came."""
        return np.concatenate(self._pieces) if self._pieces else np.zeros(0, dtype=np.int16)
