"""Speech slower or faster at its own pitch, chunk by chunk: waveform similarity overlap-add.

After Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale modification of
speech" (ICASSP 1993). Stretches of the speech are copied as they are and joined where the wave looks like the one that would have gone on
there: so each period of the voice stays as long as it was, and only their number changes.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import RATE, Pcm

LEAST: Final = 0.5
MOST: Final = 2.0
_COPIED: Final = RATE * 18 // 1000
"""Between two joints everything is copied."""
_JOINT: Final = RATE * 10 // 1000
_SEARCH: Final = RATE * 8 // 1000
"""A joint lies at most so far from where it should be, either way: together a whole period of a voice of 62 Hz."""
_FADE: Final = RATE * 5 // 1000
_IN: Final = (0.5 - 0.5 * np.cos(np.pi * (np.arange(_JOINT, dtype=np.float32) + 0.5) / _JOINT)).astype(np.float32)
_AWAY: Final = 0.02 / _SEARCH
"""Likeness, -1 to 1, that one sample away from the right place costs: it decides where all is alike, as in silence."""
_NO_POWER: Final = np.zeros(1)

Wave = NDArray[np.float32]


class Stretch:
    """One clip at ``pace``: below 1 slower. ``push`` its audio as it comes, then ``finish``; both return what may be heard now.

    All of the clip is exactly ``round(samples / pace)`` samples long, and what lies at ``t`` s of it is at ``t / pace`` s, within
    _SEARCH. What ``push`` returns lags behind what it got by at most _JOINT + _COPIED, 28 ms of audio; the first 18 ms do not lag.
    At pace 1 every sample comes back as it was, at once.

    Raises:
        ValueError: ``pace`` is not from 0.5 to 2.
    """

    def __init__(self, pace: float) -> None:
        if not LEAST <= pace <= MOST:
            raise ValueError(f"a pace of {pace} is out of range; give {LEAST} to {MOST}")
        self._pace = pace
        self._kept: Pcm = np.zeros(0, np.int16)
        """The input from ``_from`` on; what lies before is of no use any more."""
        self._from = 0
        self._taken = 0
        """Samples of input so far."""
        self._next = 0
        """The input sample that would come next if everything were copied."""
        self._made = 0
        """Samples returned so far."""
        self._copied = 0
        """Since the last joint."""

    def push(self, pcm: Pcm) -> Pcm:
        """``pcm``: 16 kHz, any length."""
        if self._pace == 1.0:
            return pcm
        self._taken += len(pcm)
        self._kept = np.concatenate((self._kept, pcm))
        return self._advance(self._taken, int(self._taken / self._pace))

    def finish(self) -> Pcm:
        """The rest; it ends in a fade of 5 ms, for a clip may be cut off a little before or behind its own end."""
        if self._pace == 1.0:
            return self._kept
        whole = round(self._taken / self._pace)
        left, quiet = whole - self._made, 2 * (_COPIED + _JOINT + _SEARCH)
        self._kept = np.concatenate((self._kept, np.zeros(quiet, np.int16)))
        rest = self._advance(self._taken + quiet, whole + _JOINT)[:left]
        fade = min(_FADE, len(rest))
        if fade:
            rest[-fade:] = _rounded(rest[-fade:].astype(np.float32) * np.linspace(1, 0, fade, dtype=np.float32))
        return rest

    def _advance(self, until: int, most: int) -> Pcm:
        """What can be made of the input before ``until``, until ``most`` samples of the clip are made."""
        made: list[Pcm] = []
        while True:
            if self._copied < _COPIED:
                count = min(_COPIED - self._copied, until - self._next, most - self._made)
                if count <= 0:
                    break
                piece = self._kept[self._next - self._from :][:count]
                made.append(piece)
                self._next += len(piece)
                self._made += len(piece)
                self._copied += len(piece)
                continue
            wanted = round(self._made * self._pace)
            if max(wanted + _SEARCH, self._next) + _JOINT > until or self._made + _JOINT > most:
                break
            made.append(self._joint(wanted))
        self._forget()
        return np.concatenate(made) if made else self._kept[:0]

    def _joint(self, wanted: int) -> Pcm:
        """From what would go on at ``_next`` to what sounds most like it around ``wanted``."""
        first = max(wanted - _SEARCH, self._from)
        around: Wave = self._kept[first - self._from : wanted + _SEARCH + _JOINT - self._from].astype(np.float32)
        begin = self._next - self._from
        going_on: Wave = self._kept[begin : begin + _JOINT].astype(np.float32)
        chosen = _most_alike(around, going_on, wanted - first)
        joined = going_on + (around[chosen : chosen + _JOINT] - going_on) * _IN
        self._next = first + chosen + _JOINT
        self._made += _JOINT
        self._copied = 0
        return _rounded(joined)

    def _forget(self) -> None:
        """Nothing before the next joint's search is needed again."""
        wanted = round((self._made + _COPIED - self._copied) * self._pace)
        keep = max(min(self._next, wanted - _SEARCH), self._from)
        if keep - self._from > RATE // 5:
            self._kept = self._kept[keep - self._from :]
            self._from = keep


def _most_alike(around: Wave, pattern: Wave, wanted: int) -> int:
    """Where in ``around`` the wave is most like ``pattern``, whatever its loudness; what is alike everywhere is taken near ``wanted``."""
    products = np.correlate(around, pattern)
    power = np.concatenate((_NO_POWER, np.cumsum(np.square(around, dtype=np.float64))))
    energies = power[len(pattern) :] - power[: len(power) - len(pattern)]
    likeness = products / np.sqrt(energies * float(np.dot(pattern, pattern)) + 1.0)
    return int(np.argmax(likeness - _AWAY * np.abs(np.arange(len(likeness)) - wanted)))


def _rounded(wave: Wave) -> Pcm:
    pcm: Pcm = np.clip(np.rint(wave), -32768, 32767).astype(np.int16)
    return pcm
