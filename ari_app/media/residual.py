"""Quietens what a filter leaves of an echo, and lets a caller who speaks over it pass. Pure; powers are those of pre-emphasised samples.

For every 5 ms it compares what is left with what is to be expected of an echo that strong, and takes the excess for the caller
(power subtraction over the whole band: gain squared = 1 - expected / found). Steady noise is nobody's echo: it passes, and is left out
of the account of what the filter achieves.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from ari_app.media.speex_echo import BLOCK

_OVER: Final = 3.0
"""What is left swings that far above its mean, as a power."""
_LEAST_GAIN: Final = 0.1
"""20 dB take what is left of an echo below the level of any voice."""
_DECAY: Final = 0.75
"""Least expected power from block to block: a room dies away."""
_RELEASE: Final = 0.8
"""Largest fall of the gain from block to block, so that a word is not chopped up."""
_FIRST_LEAK: Final = 0.25
_LEAST_LEAK: Final = 0.01
_LEARN: Final = 0.04
"""Weight of a block that shows the filter to be better than thought."""
_UNLEARN: Final = 0.015
"""The same for worse; slower, for the first 100 ms of a caller look like a filter that fails."""
_MOST_WORSE: Final = 4.0
_QUANTISED: Final = 1e-3
"""Noise of G.711, as a part of a pre-emphasised voice's power."""
_SURPRISE: Final = 2.0
"""What is left may exceed what is expected so far: 3 dB."""
_LOST: Final = 1.0
"""An echo that is not cancelled leaves at most so much of what was."""
_LONGER: Final = 0.55
"""Weight of surprising blocks among the last: that of 50 ms."""
_RECENT: Final = 0.08
"""Weight of a block in the mean of about the last 60 ms."""
_FLOOR_RISE: Final = 1.007
"""Largest rise of the steady noise from block to block: 6 dB a second."""
_EMPHASIS: Final = np.float32(0.9)


class ResidualGate:
    """One line's. Feed every block that the filter has seen, in order."""

    __slots__ = ("_due", "_expected", "_floor", "_gain", "_last", "_lasting", "_left", "_whole", "leak")

    def __init__(self) -> None:
        self.leak = _FIRST_LEAK
        """Part of the estimated echo's power that the filter leaves, as far as it is known."""
        self._gain = _LEAST_GAIN
        self._expected = 0.0
        self._floor = math.inf
        self._last = np.zeros((2, 1), dtype=np.float32)
        self._whole = self._left = self._due = self._lasting = 0.0

    @property
    def as_expected(self) -> bool:
        """Whether nothing but echo and noise is left, by the last 60 ms or so.

        A lost packet leaves an echo of up to its own strength for 20 to 40 ms: what is no stronger must last longer.
        """
        if self._left < _SURPRISE * (self._due + 1.0):
            return True
        return self._left < _LOST * (self._whole - self._left) and self._lasting < _LONGER

    @property
    def achieved(self) -> float:
        """Power left over the last 60 ms or so, of the power received."""
        return self._left / (self._whole + 1.0)

    def doubt(self) -> None:
        """What passed was echo: expect more of it."""
        self.leak = min(1.0, 2.0 * self.leak)

    def restart(self) -> None:
        """Nothing is known yet of how good the filter is with audio that it has not learnt from."""
        self.leak = _FIRST_LEAK

    def step(self, received: Pcm, residual: Pcm) -> tuple[Pcm, Pcm]:
        """``received`` and what the filter left, a multiple of ``BLOCK`` samples: what is left at best, and what goes on to the listener.

        Where a packet was lost the filter takes away an echo that is not there: then ``received`` is what is left.
        """
        both = np.empty((2, len(received)), dtype=np.float32)
        np.subtract(received, residual, out=both[0], dtype=np.float32)
        both[1] = residual
        gains = [self._gain]
        best = residual.copy()
        for number, (echo, rest, whole) in enumerate(self._powers(both)):
            left = min(rest, whole)
            if rest > whole:
                block = slice(number * BLOCK, (number + 1) * BLOCK)
                best[block] = received[block]
            gains.append(self._judge(echo, left, whole))
            self._follow(echo, left, whole)
        ramp = np.interp(np.arange(len(received)), np.arange(len(gains)) * BLOCK, gains)
        return best, np.asarray(np.rint(best * ramp), dtype=np.int16)

    def _powers(self, both: NDArray[np.float32]) -> list[list[float]]:
        """Of the echo, of what is left and of the whole, for every block."""
        line = np.concatenate((self._last, both), axis=1)
        self._last = both[:, -1:].copy()
        sharp = line[:, 1:] - _EMPHASIS * line[:, :-1]
        three = np.vstack((sharp, sharp[:1] + sharp[1:])).reshape(3, -1, BLOCK)
        powers: list[list[float]] = (np.einsum("ijk,ijk->ji", three, three) / BLOCK).tolist()
        return powers

    def _judge(self, echo: float, left: float, whole: float) -> float:
        """The gain for a block."""
        self._expected = max(self.leak * echo, _DECAY * self._expected)
        wanted = max(0.0, 1.0 - (_OVER * self._expected + _QUANTISED * whole) / (left + 1.0)) ** 0.5
        self._gain = max(wanted, self._gain * _RELEASE, _LEAST_GAIN)
        return self._gain

    def _follow(self, echo: float, left: float, whole: float) -> None:
        weight = 1.0 if self._floor == math.inf else _RECENT
        self._whole += weight * (whole - self._whole)
        self._left += weight * (left - self._left)
        self._floor = min(self._left, self._floor * _FLOOR_RISE)
        due = self._floor + self._expected + _QUANTISED * whole
        self._lasting += _RECENT * ((left > _SURPRISE * due) - self._lasting)
        self._due += weight * (due - self._due)
        if echo > self._floor:
            ratio = min(max(0.0, left - self._floor) / echo, _MOST_WORSE * self.leak)
            self.leak += (_LEARN if ratio < self.leak else _UNLEARN) * (ratio - self.leak)
            self.leak = min(max(self.leak, _LEAST_LEAK), 1.0)
