"""Cuts long audio at quiet places, because the network was trained on utterances of at most 30 s."""

from typing import Final

import numpy as np

from agents.audio import FRAME_SAMPLES, RATE, Pcm

LONGEST_S: Final = 25.0
"""Longest piece in seconds."""
_SEARCH_S: Final = 8.0
"""A cut is looked for in the last so many seconds of a piece."""
_PAUSE_FRAMES: Final = 10
"""A pause is judged over 200 ms, so that the closure of a plosive does not count as one."""


def split(pcm: Pcm, longest_s: float = LONGEST_S) -> list[Pcm]:
    """``pcm`` in pieces of at most ``longest_s`` seconds (more than 8), each cut in the middle of the quietest 200 ms near its end."""
    pieces: list[Pcm] = []
    rest = pcm
    while len(rest) > longest_s * RATE:
        cut = _quietest(rest[: round(longest_s * RATE)])
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest] if len(rest) or not pieces else pieces


def _quietest(pcm: Pcm) -> int:
    """Sample number of the middle of the quietest 200 ms within the last 8 s of ``pcm``."""
    start = len(pcm) - round(_SEARCH_S * RATE)
    frames = pcm[start : start + (len(pcm) - start) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    energy = np.convolve((frames**2).mean(axis=1), np.ones(_PAUSE_FRAMES), mode="valid")
    return start + (int(energy.argmin()) + _PAUSE_FRAMES // 2) * FRAME_SAMPLES
