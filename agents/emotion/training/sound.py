"""A clip's sound as the analysis takes it: mono, 16 bits, 16 kHz. WAV and FLAC of any rate and depth."""

from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.audio import RATE, Pcm
from agents.emotion.training.errors import ClipUnreadable
from agents.emotion.training.extra import library

LONGEST_S: Final = 120.0
"""An utterance is never longer; a whole call is no clip."""
_LIKE: Final = 0.95
"""Correlation from which on two channels hold the same voice."""
_AGAIN: Final = "convert it to WAV again, or leave such clips out with --skip-unreadable"


def read_clip(path: Path) -> Pcm:
    """Raises ClipUnreadable naming the file and the remedy, ExtraMissing."""
    soundfile = library("soundfile")
    try:
        with soundfile.SoundFile(str(path)) as file:
            if file.frames > LONGEST_S * file.samplerate:
                raise ClipUnreadable(
                    f"{path}: lasts {file.frames / file.samplerate:.0f} s; cut it to single utterances of at most 2 minutes"
                )
            rate, samples = file.samplerate, np.asarray(file.read(dtype="float32", always_2d=True))
    except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
        reason = "there is no such file" if not path.exists() else f"cannot be read ({error})"
        raise ClipUnreadable(f"{path}: {reason}; {_AGAIN}") from error
    voice = _one_voice(path, samples)
    if not np.all(np.isfinite(voice)) or not np.any(voice):
        raise ClipUnreadable(f"{path}: holds no sound; {_AGAIN}")
    if rate != RATE:
        voice = np.asarray(soxr.resample(voice, rate, RATE), dtype=np.float32)
    pcm: Pcm = np.clip(np.rint(voice * 32767.0), -32768, 32767).astype(np.int16)
    return pcm


def _one_voice(path: Path, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    first = samples[:, 0]
    for other in samples.T[1:]:
        together = float(np.sqrt(np.sum(first.astype(np.float64) ** 2) * np.sum(other.astype(np.float64) ** 2)))
        if together and float(np.dot(first.astype(np.float64), other)) / together < _LIKE:
            raise ClipUnreadable(
                f"{path}: its channels hold different voices; give a file with the caller's channel alone "
                "(an employee's voice must not be analysed)"
            )
    return first
