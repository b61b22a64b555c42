"""The sound of one utterance, put together from the pieces that the line delivers."""

from typing import Final

import numpy as np

from agents.audio import RATE, Pcm, silence
from agents.line import CallerAudio, VoiceAudio

MAX_GAP_S: Final = 0.3
"""Silence put between two pieces at most: enough for the recogniser to hear the pause, without paying for a long one."""


class UtteranceAudio:
    """Pieces in order. A gap between them is filled with silence, up to MAX_GAP_S."""

    def __init__(self) -> None:
        self._pieces: list[Pcm] = []
        self._end: float | None = None
        self._tagged: list[CallerAudio] | None = []
        """None: a piece may be somebody else's."""

    def add(self, audio: VoiceAudio) -> None:
        gap = audio.at - self._end if self._end is not None else 0.0
        if gap > 1 / RATE:
            self._pieces.append(silence(min(gap, MAX_GAP_S)))
        self._pieces.append(audio.pcm)
        if self._tagged is not None and isinstance(audio, CallerAudio):
            self._tagged.append(audio)
        else:
            self._tagged = None
        self._end = audio.at + len(audio.pcm) / RATE

    def callers_own(self) -> tuple[CallerAudio, ...]:
        """The pieces, when all of them are tagged as the caller's; else none."""
        return tuple(self._tagged or ())

    def pcm(self, last_s: float | None = None) -> Pcm:
        """Everything so far, or no more than its last ``last_s`` seconds; shape (n,), empty when nothing came."""
        if last_s is None:
            return np.concatenate(self._pieces) if self._pieces else np.zeros(0, dtype=np.int16)
        wanted = round(last_s * RATE)
        pieces: list[Pcm] = []
        for piece in reversed(self._pieces):
            if wanted <= 0:
                break
            pieces.append(piece[-wanted:])
            wanted -= len(piece)
        return np.concatenate(pieces[::-1]) if pieces else np.zeros(0, dtype=np.int16)
