"""Where in a recording one word ends and the next begins, by its energy alone."""

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import RATE, Pcm

TAIL_S: Final = 0.12
"""Quiet after the last voiced frame before a pause is reported."""
_FRAME: Final = RATE // 100
_WINDOW_S: Final = 0.45
"""How far from where it should be a boundary is looked for."""
Levels = NDArray[np.float64]


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def levels(pcm: Pcm) -> Levels:
    """dBov of 10 ms frames, smoothed over 30 ms."""
    frames = pcm[: len(pcm) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    power = np.convolve((frames**2).mean(axis=1), np.ones(3) / 3, mode="same")
    out: Levels = 10 * np.log10(power + 1) - 90.3
    return out


def cut(pcm: Pcm, place: int) -> Pcm:
    """``pcm`` up to sample ``place``, faded over 5 ms as a consonant's closure would."""
    piece = pcm[:place].copy()
    fade = min(len(piece), RATE // 200)
    piece[len(piece) - fade :] = (piece[len(piece) - fade :] * np.linspace(1, 0, fade)).astype(np.int16)
    return piece


def boundaries(pcm: Pcm, share: float) -> list[int]:
    """Samples at which a word may end near ``share`` of the speech, the quietest and nearest first."""
    level = levels(pcm)
    loud = np.flatnonzero(level > np.percentile(level, 95) - 30)
    first, last = int(loud[0]), int(loud[-1])
    middle, reach = first + share * (last - first), _WINDOW_S * 100
    found = []
    for index in range(max(2, int(middle - reach)), min(len(level) - 2, int(middle + reach))):
        around = max(level[max(0, index - 25) : index].max(), level[index : index + 25].max())
        if level[index] == level[max(0, index - 4) : index + 5].min() and level[index] < around - 8:
            found.append((level[index] + 18 * abs(index - middle) / reach, index))
    return [_start_of_dip(level, index) * _FRAME for _, index in sorted(found)]


def _start_of_dip(level: Levels, index: int) -> int:
    while index > 1 and level[index - 1] < level[index] + 3:
        index -= 1
    return index + 1


def stretches(pcm: Pcm) -> list[tuple[int, float]]:
    """(sample, length in s) of every quiet stretch of 40 ms or more inside the speech."""
    level = levels(pcm)
    threshold = np.percentile(level, 90) - 25
    loud = np.flatnonzero(level > threshold)
    gaps = np.flatnonzero(np.diff(loud) > 4)
    return [(int(loud[gap] + 2) * _FRAME, float(loud[gap + 1] - loud[gap] - 1) / 100) for gap in gaps]
