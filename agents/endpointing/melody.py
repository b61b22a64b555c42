"""How the voice ends: pitch, energy and length of the last 500 ms of voice, compared with the utterance before.

Pitch is the strongest peak of the normalised autocorrelation (Boersma 1993: divided by that of the window), computed by FFT at 4 kHz.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import RATE, Pcm

_LOW: Final = RATE // 4
"""Samples per second after averaging fours: enough for pitch, and cheap."""
_HOP: Final = _LOW // 100
_WINDOW: Final = _LOW // 25
"""40 ms: two and a half periods at 62 Hz."""
_FFT: Final = 256
_LAGS: Final = (_LOW // 400, _LOW // 62)
"""From 400 Hz down to 62 Hz."""
_PERIODIC: Final = 0.5
"""Normalised autocorrelation from which a frame has a pitch."""
_HISTORY_S: Final = 4.0
"""Older speech says nothing about how this ends."""
_END: Final = 50
"""Frames of 10 ms: the last 500 ms of voice."""
_CLOSE: Final = 80
"""Frames before the end of which each counts."""
_SPEECH_BELOW_PEAK_DB: Final = 28.0
_TAIL_BELOW_PEAK_DB: Final = 12.0
_CREAK_ST: Final = -7.0
"""Semitones below the speaker's own middle: a creaking or halved pitch."""

Track = NDArray[np.float64]
_TAPER: Final = np.hanning(_WINDOW)


def _autocorrelation(frames: Track) -> Track:
    spectrum = np.fft.rfft(frames, _FFT, axis=1)
    out: Track = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, _FFT, axis=1)[:, : _LAGS[1] + 2]
    return out


_TAPER_AUTOCORRELATION: Final = _autocorrelation(_TAPER[None, :])[0] / float((_TAPER**2).sum())


def features(pcm: Pcm) -> dict[str, float]:
    """About -2 to 2 each; ``no_voice`` alone when nothing stands out. ``pcm`` of any length, loud or quiet."""
    low = pcm[max(0, len(pcm) - round(_HISTORY_S * RATE)) :]
    low = low[: len(low) // 4 * 4].reshape(-1, 4).mean(axis=1)
    if len(low) < _WINDOW + 10 * _HOP:
        return {"no_voice": 1.0}
    frames = np.lib.stride_tricks.sliding_window_view(low, _WINDOW)[::_HOP]
    level = 10 * np.log10((frames**2).mean(axis=1) + 1.0)
    peak = float(np.percentile(level, 95))
    floor = float(np.percentile(level, 5))
    speech = np.flatnonzero(level > max(peak - _SPEECH_BELOW_PEAK_DB, floor + 0.25 * (peak - floor)))
    if peak < 20.0 or len(speech) < 5:
        return {"no_voice": 1.0}
    end = int(speech[-1]) + 1
    # Before the end every fourth frame is enough for the speaker's usual pitch, and four times cheaper.
    chosen = np.concatenate([np.arange(0, max(0, end - _CLOSE), 4), np.arange(max(0, end - _CLOSE), end)])
    pitch, strength = _pitch(frames[chosen] - frames[chosen].mean(axis=1, keepdims=True))
    voiced = (strength > _PERIODIC) & (level[chosen] > peak - 22.0)
    return _energy(level, speech, end, peak) | _tune(pitch[voiced], chosen[voiced], end)


def _pitch(frames: Track) -> tuple[Track, Track]:
    """Semitones above 62 Hz, and periodicity 0 to 1, of each frame."""
    raw = _autocorrelation(frames * _TAPER)
    normal = raw / (raw[:, :1] + 1e-6) / _TAPER_AUTOCORRELATION
    # A multiple of the period fits as well as the period: long lags pay a little, so that the first good one wins.
    lags = np.arange(_LAGS[0], _LAGS[1] + 1)
    judged = normal[:, _LAGS[0] : _LAGS[1] + 1] - 0.06 * np.log2(lags / _LAGS[0])
    best = judged.argmax(axis=1)
    rows, index = np.arange(len(frames)), best + _LAGS[0]
    left, middle, right = normal[rows, index - 1], normal[rows, index], normal[rows, index + 1]
    curve = left - 2 * middle + right
    shift = np.where(np.abs(curve) > 1e-9, 0.5 * (left - right) / np.where(curve == 0, 1.0, curve), 0.0)
    period = index + np.clip(shift, -0.5, 0.5)
    return 12 * np.log2(_LAGS[1] / period), np.clip(middle, 0.0, 1.0)


def _energy(level: Track, speech: NDArray[np.int64], end: int, peak: float) -> dict[str, float]:
    last = level[max(0, end - _END) : end]
    loud = np.flatnonzero(level[:end] > peak - _TAIL_BELOW_PEAK_DB)
    decay = end - 1 - int(loud[-1])
    breaks = np.flatnonzero(np.diff(speech) > 3)
    run = len(speech) if not len(breaks) else len(speech) - 1 - int(breaks[-1])
    typical = float(np.median(level[speech]))
    return {
        "energy_end": (float(level[max(0, end - 10) : end].mean()) - typical) / 15,
        "energy_last_syllable": (float(last.max()) - peak) / 10,
        "energy_slope": _slope(level[max(0, end - 25) : end]) / 100,
        "decay": min(decay, 40) / 20,
        "last_run": min(run, 100) / 50,
        "speech_s": min(len(speech) / 100, 1.0),
    }


def _tune(pitch: Track, index: NDArray[np.int64], end: int) -> dict[str, float]:
    """``pitch`` of the frames at ``index``, all of which have one."""
    late = index[index >= end - _END]
    if len(index) < 8 or len(late) < 4:
        return {"no_pitch": 1.0}
    low, middle, high = np.percentile(pitch, (10, 50, 90))
    spread = max(1.0, float(high - low))
    tail = pitch[index >= end - _END] - middle
    steady = tail[np.abs(tail) < 14]
    final = tail[-5:]
    return {
        "pitch_end": float(np.clip(np.median(final), -12, 12)) / 6,
        "pitch_end_low": float(np.clip((np.median(final) - (low - middle)) / spread, -1, 2)),
        "pitch_slope": float(np.clip(_slope(steady[-20:]), -60, 60)) / 30 if len(steady) > 4 else 0.0,
        "pitch_drop": float(np.clip(np.median(final) - np.median(tail[: max(1, len(tail) // 2)]), -12, 12)) / 6,
        "pitch_rise": float(np.median(final) > np.median(tail) + 1.5),
        "creak": float((final < _CREAK_ST).mean()),
        "voiced_late": len(late) / _END,
        "last_voiced": float(np.clip((end - int(late[-1])) / 20, 0, 2)),
        "vowel_length": min(_last_stretch(late), 40) / 20,
        "pitch_spread": min(spread, 18.0) / 12,
    }


def _slope(values: Track) -> float:
    """Units per second of a line through ``values``, 10 ms apart; 0 for fewer than three."""
    if len(values) < 3:
        return 0.0
    time = np.arange(len(values)) - (len(values) - 1) / 2
    return float((time * values).sum() / (time**2).sum()) * 100


def _last_stretch(frames: NDArray[np.int64]) -> int:
    gaps = np.flatnonzero(np.diff(frames) > 2)
    return len(frames) if not len(gaps) else len(frames) - 1 - int(gaps[-1])
