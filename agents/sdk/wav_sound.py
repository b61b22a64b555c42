"""A recording as the voice of a caller: read, cut at its pauses, and written down together with the agent's."""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.audio import FRAME_SAMPLES, RATE, Pcm

PAUSE_S: Final = 0.7
"""Silence from which on one turn of the caller ends and the next begins."""
SHORTEST_S: Final = 0.12
"""Voice of less is a click."""
MARGIN_S: Final = 0.12
"""Kept before and after the voice."""
_LOUDER: Final = 4.0
"""A frame this many times louder than the quiet parts is voice."""
_LEAST_LEVEL: Final = 120.0
"""Root mean square below which nothing is voice."""


class WavUnusable(Exception):
    """The file cannot be the voice of a caller; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound from a moment on, in seconds from the beginning."""

    begins_s: float
    pcm: Pcm


def read_wav(path: Path) -> Pcm:
    """The first channel at 16 kHz. Raises WavUnusable."""
    try:
        with wave.open(str(path), "rb") as file:
            rate, channels, width, data = file.getframerate(), file.getnchannels(), file.getsampwidth(), file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise WavUnusable(f"{path}: cannot be read as WAV ({error}); give a PCM file of 16 bits") from error
    if width != 2:
        raise WavUnusable(f"{path}: has {8 * width} bits a sample; convert it to 16 bits")
    samples = np.frombuffer(data, dtype="<i2").reshape(-1, channels)[:, 0]
    if not np.any(samples):
        raise WavUnusable(f"{path}: holds no sound")
    if rate == RATE:
        return samples.astype(np.int16)
    resampled: NDArray[np.float32] = soxr.resample(samples.astype(np.float32), rate, RATE)
    return np.clip(np.rint(resampled), -32768, 32767).astype(np.int16)


def cut_at_pauses(pcm: Pcm) -> list[Pcm]:
    """What the caller says, a piece for each turn."""
    frames = pcm[: len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    levels = np.sqrt(np.mean(frames**2, axis=1)) if len(frames) else np.zeros(0)
    if not len(levels):
        return []
    quiet = float(np.percentile(levels, 10))
    threshold = max(_LEAST_LEVEL, min(_LOUDER * quiet, float(levels.max()) / 4))
    voiced = np.flatnonzero(levels > threshold)
    pause, margin = round(PAUSE_S * RATE / FRAME_SAMPLES), round(MARGIN_S * RATE / FRAME_SAMPLES)
    turns = np.split(voiced, np.flatnonzero(np.diff(voiced) > pause) + 1) if len(voiced) else []
    shortest = SHORTEST_S * RATE / FRAME_SAMPLES
    return [
        pcm[max(0, turn[0] - margin) * FRAME_SAMPLES : (turn[-1] + 1 + margin) * FRAME_SAMPLES] for turn in turns if len(turn) >= shortest
    ]


def write_stereo(path: Path, left: Sequence[Stretch], right: Sequence[Stretch]) -> None:
    """Both sides of a call in 16-bit PCM at 16 kHz."""
    ends = [round(one.begins_s * RATE) + len(one.pcm) for one in (*left, *right)]
    sound = np.zeros((max(ends, default=0), 2), dtype=np.int16)
    for channel, stretches in enumerate((left, right)):
        for one in stretches:
            start = max(0, round(one.begins_s * RATE))
            sound[start : start + len(one.pcm), channel] = one.pcm[: len(sound) - start]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.astype("<i2").tobytes())
