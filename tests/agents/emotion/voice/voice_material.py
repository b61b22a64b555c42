"""Voices whose pitch, level, roughness and balance are known exactly, and the telephone between."""

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.audio import RATE, Pcm
from ari_app.media.g711 import decode, encode


def pcm_of(samples: NDArray[np.float64]) -> Pcm:
    out: Pcm = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
    return out


def spoken(
    pitch_hz: float = 120.0,
    *,
    syllables: int = 8,
    syllable_s: float = 0.22,
    gap_s: float = 0.06,
    swing_st: float = 1.0,
    tilt_db: float = -9.0,
    level_dbov: float = -24.0,
    noise_dbov: float = -75.0,
    shake_percent: float = 0.0,
    seed: int = 1,
) -> Pcm:
    """Syllables of harmonics; ``tilt_db`` per octave, ``swing_st`` the pitch's rise and fall in each, ``shake_percent`` its jitter."""
    rng = np.random.default_rng(seed)
    count, gap = round(syllable_s * RATE), np.zeros(round(gap_s * RATE))
    time = np.arange(count) / count
    parts = [gap, gap]
    for _ in range(syllables):
        shake = np.interp(time, np.linspace(0, 1, 60), rng.standard_normal(60)) * shake_percent / 100
        hertz = pitch_hz * 2 ** (swing_st * np.sin(2 * np.pi * time) / 12) * (1 + shake)
        phase = 2 * np.pi * np.cumsum(hertz) / RATE
        sound = sum(10 ** (tilt_db * np.log2(n) / 20) * np.sin(n * phase) for n in range(1, int(3800 / pitch_hz)))
        parts += [np.asarray(sound) * np.sin(np.pi * time) ** 0.5, gap]
    whole = np.concatenate([*parts, gap])
    rms = np.sqrt(np.square(whole[np.abs(whole) > 0]).mean())
    scaled = whole / rms * 32768 * 10 ** (level_dbov / 20)
    return pcm_of(scaled + rng.standard_normal(len(whole)) * 32768 * 10 ** (noise_dbov / 20))


def telephone(pcm: Pcm, highpass_hz: float = 0.0) -> Pcm:
    """8 kHz mu-law and back; ``highpass_hz``: nothing below passes, as with many telephones."""
    spectrum = np.fft.rfft(pcm.astype(np.float64))
    spectrum[np.fft.rfftfreq(len(pcm), 1 / RATE) < highpass_hz] = 0
    narrow = pcm_of(soxr.resample(np.fft.irfft(spectrum, len(pcm)), RATE, 8000))
    coded = np.frombuffer(decode(encode(narrow.tobytes(), "ulaw"), "ulaw"), dtype=np.int16)
    return pcm_of(soxr.resample(coded.astype(np.float64), 8000, RATE))


def gained(pcm: Pcm, db: float) -> Pcm:
    return pcm_of(pcm.astype(np.float64) * 10 ** (db / 20))
