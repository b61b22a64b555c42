"""Brings a voice to telephone level and trims it, chunk by chunk, so that sentences start at once and join without clicks.

Level: gain in dB = TARGET_DBOV - active speech level of the voice. The active level is the mean power of the 20 ms frames within 15.9 dB of
the level itself, found by iteration: the margin of ITU-T P.56 with frames in place of its envelope. 0 dBov is a full-scale square wave.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import RATE, Pcm

TARGET_DBOV: Final = -20.0
"""Active speech level of everything the agent says."""
LEAD_S: Final = 0.030
"""Most silence left before the first sound."""
TAIL_S: Final = 0.080
"""Most silence left after the last sound."""
FADE_S: Final = 0.005

_MARGIN_DB: Final = 15.9
_KNEE: Final = 10 ** (-3 / 20)
"""Above -3 dBFS the peaks are bent: y = knee + (1 - knee) * tanh((x - knee) / (1 - knee))."""
_HOP: Final = RATE * 5 // 1000
_SOUND: Final = 10 ** (-52 / 20)
"""RMS of 5 ms above which there is sound: 32 dB below the target level, beneath soft fricatives and above the hiss of the voices."""
_LEAD: Final = round(LEAD_S * RATE)
_TAIL: Final = round(TAIL_S * RATE)
_FADE: Final = round(FADE_S * RATE)

Samples = NDArray[np.float32]


def active_level_dbov(pcm: Pcm) -> float:
    """Active speech level of ``pcm`` by the formula above; -inf for silence."""
    frame = RATE // 50
    frames = pcm[: len(pcm) // frame * frame].reshape(-1, frame).astype(np.float64) / 32768.0
    power = (frames**2).mean(axis=1)
    level = float(power.mean()) if len(power) else 0.0
    for _ in range(20):
        active = power[power > level * 10 ** (-_MARGIN_DB / 10)]
        raised = float(active.mean()) if len(active) else 0.0
        if raised <= level * 1.0001:
            break
        level = raised
    return 10 * float(np.log10(level)) if level > 0 else float("-inf")


class Leveler:
    """One sentence: ``push`` its samples as they come, then ``finish``. Both return what may be played now."""

    def __init__(self, gain_db: float) -> None:
        self._gain = np.float32(10 ** (gain_db / 20))
        self._rest: Samples = np.zeros(0, np.float32)
        self._held: Samples = np.zeros(0, np.float32)
        """Not yet played: the lead while nothing has sounded, later the quiet that may turn out to be the tail."""
        self._sounded = False
        self._trimmed = 0

    @property
    def trimmed_s(self) -> float:
        """Seconds of silence cut off the beginning; known with the first audio that ``push`` or ``finish`` returns."""
        return self._trimmed / RATE

    def push(self, samples: Samples) -> Pcm:
        """``samples``: 16 kHz, -1 to 1, any length."""
        self._rest = np.concatenate((self._rest, _limited(samples * self._gain)))
        whole = len(self._rest) // _HOP * _HOP
        block, self._rest = self._rest[:whole], self._rest[whole:]
        return _pcm(self._advance(block))

    def finish(self) -> Pcm:
        """The rest, with at most TAIL_S of quiet and a fade at its end. Empty when nothing ever sounded."""
        last = np.pad(self._rest, (0, -len(self._rest) % _HOP))
        self._rest = self._rest[:0]
        out = self._advance(last)
        if self._sounded:
            out = np.concatenate((out, _faded_out(self._held[:_TAIL])))
        self._held = self._held[:0]
        return _pcm(out)

    def _advance(self, block: Samples) -> Samples:
        loud = np.flatnonzero(np.sqrt((block.reshape(-1, _HOP) ** 2).mean(axis=1)) > _SOUND)
        waiting = np.concatenate((self._held, block))
        if not len(loud):
            self._held = waiting if self._sounded else waiting[-_LEAD:]
            self._trimmed += len(waiting) - len(self._held)
            return block[:0]
        held = len(self._held)
        start = 0
        if not self._sounded:
            start = max(0, held + int(loud[0]) * _HOP - _LEAD)
            self._trimmed += start
        # One hop of sound stays back, so that the fade at the end always has something to work on.
        end = max(start, held + int(loud[-1]) * _HOP)
        out = waiting[start:end]
        self._held = waiting[end:]
        if not self._sounded and len(out) >= _FADE:
            out = _faded_in(out)
        elif not self._sounded:
            out, self._held = out[:0], _faded_in(waiting[start:])
        self._sounded = True
        return out


def _limited(samples: Samples) -> Samples:
    size = np.abs(samples)
    bent = _KNEE + (1 - _KNEE) * np.tanh((size - _KNEE) / (1 - _KNEE))
    return np.where(size > _KNEE, np.copysign(bent, samples), samples).astype(np.float32)


def _faded_in(samples: Samples) -> Samples:
    out = samples.copy()
    n = min(_FADE, len(out))
    out[:n] *= np.linspace(0, 1, n, endpoint=False, dtype=np.float32)
    return out


def _faded_out(samples: Samples) -> Samples:
    return _faded_in(samples[::-1])[::-1]


def _pcm(samples: Samples) -> Pcm:
    pcm: Pcm = np.clip(np.rint(samples * 32767.0), -32768, 32767).astype(np.int16)
    return pcm
