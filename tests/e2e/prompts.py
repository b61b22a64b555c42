"""A real person's voice: the recorded prompts of Debian's ``asterisk-core-sounds-en-wav``, put together to what a caller would say."""

from pathlib import Path

import numpy as np

from agents.audio import Pcm
from ari_app.caller.recording import write_wav
from ari_app.caller.script import read_wav, trim
from ari_app.media.g711 import RATE
from tests.e2e.tools import tools

SPEECH_DBOV = -26.0
"""The level of telephone speech (ITU-T P.56)."""


def sounds() -> Path:
    """The folder of the prompts, as ``digits/1.wav``. Raises PackageError."""
    return tools().path / "usr/share/asterisk/sounds/en"


def joined(files: list[Path], out: Path, gap_ms: int = 150, keep_last_s: float | None = None) -> Path:
    """The recordings one behind the other, each at the same level, as one WAV of 8 kHz.

    ``keep_last_s`` keeps only so much of the end: the last word of a longer prompt.
    """
    gap = np.zeros(gap_ms * RATE // 1000, dtype=np.int16)
    parts: list[Pcm] = []
    for file in files:
        parts += [levelled(trim(read_wav(file))), gap]
    whole = np.concatenate(parts[:-1])
    write_wav(out, whole if keep_last_s is None else whole[-round(keep_last_s * RATE) :])
    return out


def levelled(pcm: Pcm) -> Pcm:
    """At ``SPEECH_DBOV`` (RMS)."""
    rms = float(np.sqrt((pcm.astype(np.float64) ** 2).mean()))
    return np.asarray(np.clip(pcm * (32768 * 10 ** (SPEECH_DBOV / 20) / rms), -32768, 32767), dtype=np.int16)


def digits(number: str, out: Path) -> Path:
    """A number read out digit by digit."""
    return joined([sounds() / f"digits/{digit}.wav" for digit in number], out)


def prompt(name: str, out: Path, keep_last_s: float | None = None) -> Path:
    return joined([sounds() / f"{name}.wav"], out, keep_last_s=keep_last_s)
