"""Comfort noise (RFC 3389): the level that the peer announced, white, so that a muted line does not sound dead."""

from functools import lru_cache
from typing import Final

import numpy as np

from ari_app.media.g711 import FRAME, RATE, SILENCE, Law, encode

_QUIETEST: Final = 75
"""Below -75 dBov G.711 has no step left."""


def level_of(payload: bytes) -> int | None:
    """Noise level in -dBov (0 to 127) of a comfort noise payload; None when it is empty. Spectral parameters are not used."""
    return payload[0] & 0x7F if payload else None


def frame(level: int | None, law: Law, number: int) -> bytes:
    """20 ms of noise at ``-level`` dBov, silence when ``level`` is None; ``number`` picks the piece, so that frames differ."""
    if level is None or level >= _QUIETEST:
        return SILENCE[law] * FRAME
    start = number % (RATE // FRAME) * FRAME
    return _second(max(level, 20), law)[start : start + FRAME]


@lru_cache(maxsize=128)
def _second(level: int, law: Law) -> bytes:
    samples = np.random.default_rng(level).standard_normal(RATE) * 32768 * 10 ** (-level / 20)
    return encode(np.clip(samples, -32768, 32767).astype(np.int16).tobytes(), law)
