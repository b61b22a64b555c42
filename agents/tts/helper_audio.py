"""Whole sentences of a network, handed on by a helper bit by bit. Standard library only; the samples are the library's own array."""

from typing import Any, Final

from agents.tts.helper_engine import Listener

_PIECE_S: Final = 0.1


def hand_on(samples: Any, rate: int, listener: Listener) -> bool:
    """``samples``: numpy array of floats from -1 to 1. False when nobody wants more."""
    piece = round(rate * _PIECE_S)
    for start in range(0, len(samples), piece):
        part = samples[start : start + piece]
        listener.audio((part.clip(-1.0, 1.0) * 32767.0).astype("<i2").tobytes())
        if not listener.goes_on(len(part)):
            return False
    return True
