"""A voice made of pulses, so that its pitch and energy are known exactly."""

import numpy as np

from agents.audio import RATE, Pcm


def voice(pitch_hz: list[float], part_s: float = 0.2, loudness: float = 6000.0, fade: bool = False) -> Pcm:
    """One vowel whose pitch passes through ``pitch_hz`` in equal steps; ``fade``: its last third dies away."""
    count = round(part_s * RATE) * (len(pitch_hz) - 1)
    pitch = np.interp(np.linspace(0, len(pitch_hz) - 1, count), np.arange(len(pitch_hz)), pitch_hz)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.sum([np.sin(n * phase) / n for n in range(1, 12)], axis=0) * loudness / 2
    if fade:
        sound[-count // 3 :] *= np.linspace(1, 0.1, len(sound[-count // 3 :]))
    out: Pcm = np.clip(sound, -32768, 32767).astype(np.int16)
    return out
