"""Level, edges and speech frames of one sound at 8 kHz. All pure."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from ari_app.caller.speech_level import LEAST_DBOV, levels_of, spurts
from ari_app.media.g711 import FRAME, RATE, encode

SPEECH_DBOV: Final = -20.0
HOP: Final = RATE * 5 // 1000
"""Samples in 5 ms, the step in which edges and gaps are looked for."""
LEAD_S: Final = 0.030
TAIL_S: Final = 0.080
WEAK_LEAD_S: Final = 0.12
WEAK_TAIL_S: Final = 0.20
"""Room for consonants too weak for a speech frame; what lies farther away from the speech is a breath or a smack of the lips."""
_MARGIN_DB: Final = 15.9
_PEAK: Final = 32_000
_LONG_MS: Final = 3_600_000.0


def active_dbov(pcm: Pcm) -> float:
    """Active speech level: mean power of the 20 ms frames within 15.9 dB of it (see ``agents.tts.leveling``); -inf for silence."""
    power = (pcm[: len(pcm) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64) ** 2).mean(axis=1) / 32768.0**2
    level = float(power.mean()) if len(power) else 0.0
    for _ in range(20):
        active = power[power > level * 10 ** (-_MARGIN_DB / 10)]
        raised = float(active.mean()) if len(active) else 0.0
        if raised <= level * 1.0001:
            break
        level = raised
    return 10 * float(np.log10(level)) if level > 0 else float("-inf")


def loudest_dbov(pcm: Pcm, window_s: float = 0.1) -> float:
    """RMS level of the loudest ``window_s``, what is missing at the ends counted as silence; -inf for silence."""
    if not len(pcm):
        return float("-inf")
    window = round(window_s * RATE)
    most = float(np.convolve(pcm.astype(np.float64) ** 2, np.ones(window)).max()) / window / 32768.0**2
    return 10 * float(np.log10(most)) if most > 0 else float("-inf")


def amplified(pcm: Pcm, gain_db: float) -> Pcm:
    """Peaks beyond full scale are cut off just below it."""
    return np.asarray(np.clip(np.rint(pcm * 10 ** (gain_db / 20)), -_PEAK, _PEAK), dtype=np.int16)


def at_speech_level(pcm: Pcm) -> Pcm:
    """At SPEECH_DBOV. Raises ValueError for silence."""
    level = active_dbov(pcm)
    if level == float("-inf"):
        raise ValueError("silence has no speech level")
    return amplified(pcm, SPEECH_DBOV - level)


def hop_levels(pcm: Pcm) -> NDArray[np.float64]:
    """dBov of each 5 ms; -100 for silence."""
    power = (pcm[: len(pcm) // HOP * HOP].reshape(-1, HOP).astype(np.float64) ** 2).mean(axis=1) / 32768.0**2
    return np.asarray(10 * np.log10(np.maximum(power, 1e-10)))


def trimmed(pcm: Pcm, limit_dbov: float) -> Pcm:
    """At most LEAD_S before the first and TAIL_S after the last 5 ms above ``limit_dbov``, with fades. Unchanged when there are none.

    And at most WEAK_LEAD_S before the first speech frame and WEAK_TAIL_S after the last.
    """
    loud = np.flatnonzero(hop_levels(pcm) > limit_dbov)
    if not len(loud):
        return pcm
    start, end = int(loud[0]) * HOP - round(LEAD_S * RATE), (int(loud[-1]) + 1) * HOP + round(TAIL_S * RATE)
    near = pcm[max(0, start) : end]
    onset_s, end_s = speech_span(near)
    return faded(near[max(0, round((onset_s - WEAK_LEAD_S) * RATE)) : round((end_s + WEAK_TAIL_S) * RATE)])


def faded(pcm: Pcm) -> Pcm:
    """With 5 ms from and to silence at its ends, so that nothing clicks."""
    out = pcm.astype(np.float64)
    ramp = np.linspace(0, 1, min(HOP, len(out)), endpoint=False)
    out[: len(ramp)] *= ramp
    out[len(out) - len(ramp) :] *= ramp[::-1]
    return np.asarray(np.rint(out), dtype=np.int16)


def speech_span(pcm: Pcm) -> tuple[float, float]:
    """Beginning of the first and end of the last speech frame in s, as the packets show it on a line that is silent otherwise.

    The rule of ``ari_app.caller.speech_level`` on 20 ms frames from the first sample on; a sound too short for a talk spurt counts from
    its first loud frame to its last. (0, length) when no frame is loud.
    """
    frames = np.pad(pcm, (0, -len(pcm) % FRAME)).reshape(-1, FRAME)
    levels = levels_of([encode(frame.tobytes(), "ulaw") for frame in frames], ["ulaw"] * len(frames))
    found = spurts([(index, level) for index, level in enumerate(levels)], LEAST_DBOV, _LONG_MS)
    if found:
        return found[0].start_ns * FRAME / RATE, (found[-1].end_ns + 1) * FRAME / RATE
    loud = [index for index, level in enumerate(levels) if level > LEAST_DBOV]
    return (loud[0] * FRAME / RATE, (loud[-1] + 1) * FRAME / RATE) if loud else (0.0, len(pcm) / RATE)


def joined(parts: Sequence[Pcm]) -> Pcm:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
