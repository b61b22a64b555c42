"""Pauses of an exact length inside an utterance, in place of the shorter ones that were there. All pure."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from agents.audio import Pcm
from ari_app.media.g711 import RATE
from tests.bench.turns.sounds_shaping import HOP, faded, hop_levels, joined

LENGTHS_S: Final = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5)
"""Within utterances people pause for 0.2 to 1 s as a rule; the longest of these are no cut-in's excuse but a measure of patience."""
QUIET_DBOV: Final = -42.0
"""22 dB below the level of the speech."""
FLOOR_DBOV: Final = (-75.0, -55.0)
"""Least and most level of the noise in a pause; between them it is that of the recording's own quietest places."""

Gap = tuple[int, int]
"""First sample, and the one behind the last."""


def gaps(pcm: Pcm, least_s: float, limit_dbov: float = QUIET_DBOV) -> list[Gap]:
    """Stretches of 5 ms steps below ``limit_dbov``, at least ``least_s`` long, not at the ends."""
    quiet = np.concatenate(([False], hop_levels(pcm) < limit_dbov, [False]))
    edges = np.flatnonzero(np.diff(quiet.astype(np.int8)))
    found = [(int(start) * HOP, int(end) * HOP) for start, end in edges.reshape(-1, 2)]
    inner = [(start, end) for start, end in found if start > 0 and end < len(pcm) // HOP * HOP]
    return [gap for gap in inner if gap[1] - gap[0] >= least_s * RATE]


def gap_near(pcm: Pcm, place: int) -> Gap | None:
    """The gap between the words that part at ``place``; None when that is not certain.

    It is the longest within 300 ms, begins 125 ms before to 60 ms after ``place`` and is 40 ms long or more: anything else may be the
    closure of a [t] or [k] inside a word.
    """
    near = [gap for gap in gaps(pcm, 0.015) if abs(gap[0] - place) <= 0.3 * RATE]
    longest = max(near, key=lambda gap: gap[1] - gap[0], default=None)
    if longest is None or longest[1] - longest[0] < 0.04 * RATE:
        return None
    return longest if -0.125 * RATE <= longest[0] - place <= 0.06 * RATE else None


def floor_dbov(pcm: Pcm) -> float:
    levels = hop_levels(pcm)
    return float(np.clip(np.percentile(levels, 3), *FLOOR_DBOV)) if len(levels) else FLOOR_DBOV[0]


def with_pauses(pcm: Pcm, places: Sequence[Gap], length_s: float, seed: int) -> tuple[Pcm, list[float]]:
    """Each gap becomes a pause of ``length_s``, noise of the utterance's own floor; with the pauses' beginnings in s.

    ``places`` in order, apart from each other. What stands on either side of a gap fades over 5 ms.
    """
    count = round(length_s * RATE)
    noise = np.random.default_rng(seed).normal(0, 32768 * 10 ** (floor_dbov(pcm) / 20), (len(places), count))
    parts: list[Pcm] = []
    starts: list[float] = []
    position = 0
    for (start, end), hiss in zip(places, noise, strict=True):
        parts += [faded(pcm[position:start]), np.asarray(np.rint(hiss), dtype=np.int16)]
        starts.append((sum(map(len, parts)) - count) / RATE)
        position = end
    return joined([*parts, faded(pcm[position:])]), starts
