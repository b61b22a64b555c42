"""A WAV file of the admin as the music on hold: any common rate, mono or stereo, made into a loop that a telephone can carry."""

import wave
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.audio import RATE, Pcm
from agents.bed import LONGEST_S
from ari_app.media.hold_music import at_level
from ari_app.media.silence import AUDIBLE_DBOV

RATES: Final = (8000, 16_000, 44_100, 48_000)
SHORTEST_S: Final = 5.0
LONGEST_GAP_S: Final = 1.5
"""Silence that a caller takes for a dropped call."""

_Signal = NDArray[np.float64]
_SEAM_S: Final = 0.5
_FRAME: Final = RATE // 50
_REMEDY: Final = "convert it with: ffmpeg -i FILE -ac 1 -ar 16000 -c:a pcm_s16le hold.wav"


class HoldMusicUnusable(Exception):
    """The file cannot be the music on hold; the message names it and the remedy."""


def read_hold_music(path: Path) -> Pcm:
    """The file as a loop: 16 kHz, mono, -26 dBov, its silent ends cut off, its end faded into its beginning over 0.5 s.

    Of a longer file the first 120 s.

    Raises:
        HoldMusicUnusable: it cannot be read, has another rate, more than two channels or too little sound, or is silent in between.
    """
    signal = _without_silent_ends(at_level(_read(path)))
    seconds = len(signal) / RATE - _SEAM_S
    if seconds < SHORTEST_S:
        raise HoldMusicUnusable(f"{path}: has {max(0.0, seconds):.1f} s of music; give {SHORTEST_S:g} to {LONGEST_S:g} s")
    loop = at_level(_seamless(signal.astype(np.float64)))
    begins_s, gap_s = _longest_gap(loop)
    if gap_s > LONGEST_GAP_S:
        raise HoldMusicUnusable(
            f"{path}: is silent for {gap_s:.1f} s from {begins_s:.1f} s of its music on; callers would take that for a dropped call:"
            f" cut it to at most {LONGEST_GAP_S:g} s"
        )
    return loop


def _read(path: Path) -> _Signal:
    try:
        with wave.open(str(path), "rb") as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            data = file.readframes(min(file.getnframes(), round(rate * (LONGEST_S + 2 * _SEAM_S))))
    except (OSError, EOFError, wave.Error) as error:
        raise HoldMusicUnusable(f"{path}: cannot be read as a WAV file ({error}); {_REMEDY}") from error
    if width != 2 or channels not in (1, 2) or rate not in RATES:
        wanted = f"give 16 bits, 1 or 2 channels, at {', '.join(map(str, RATES))} Hz"
        raise HoldMusicUnusable(f"{path}: has {8 * width} bits, {channels} channels at {rate} Hz; {wanted}, or {_REMEDY}")
    samples = np.frombuffer(data[: len(data) // (2 * channels) * 2 * channels], dtype="<i2")
    mono = samples.reshape(-1, channels).mean(axis=1)
    if not len(mono) or not mono.any():
        raise HoldMusicUnusable(f"{path}: holds no sound; give another file")
    return mono if rate == RATE else np.asarray(soxr.resample(mono, rate, RATE), dtype=np.float64)


def _levels(pcm: Pcm) -> _Signal:
    """dBov of each 20 ms."""
    frames = pcm[: len(pcm) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    return np.asarray(10 * np.log10(np.mean(frames**2, axis=1) / 32768**2 + 1e-10))


def _without_silent_ends(pcm: Pcm) -> Pcm:
    sounding = np.flatnonzero(_levels(pcm) > AUDIBLE_DBOV)
    return pcm[sounding[0] * _FRAME : (sounding[-1] + 1) * _FRAME] if len(sounding) else pcm[:0]


def _seamless(signal: _Signal) -> _Signal:
    """The last half second fades into the first, equally loud all the way."""
    signal = signal[: round((LONGEST_S + _SEAM_S) * RATE) // 2 * 2]
    seam = round(_SEAM_S * RATE)
    angle = np.linspace(0, np.pi / 2, seam, endpoint=False)
    body = signal[: len(signal) - seam].copy()
    body[:seam] = body[:seam] * np.sin(angle) + signal[len(signal) - seam :] * np.cos(angle)
    return body


def _longest_gap(loop: Pcm) -> tuple[float, float]:
    """Where the longest silence begins, and how long it is, in seconds; it may reach over the seam."""
    silent = _levels(loop) <= AUDIBLE_DBOV
    if silent.all():
        return 0.0, len(loop) / RATE
    best = run = begins = 0
    for number, quiet in enumerate(np.concatenate((silent, silent))):
        run = run + 1 if quiet else 0
        if run > best:
            best, begins = run, (number - run + 1) % len(silent)
    return begins * _FRAME / RATE, best * _FRAME / RATE
