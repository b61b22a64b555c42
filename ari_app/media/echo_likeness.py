"""Whether received audio is an echo of what was played, and how late it comes: by fitting one to the other. Pure; all audio is 8 kHz.

An echo is the played audio through a short linear path. A fit of 64 taps by least squares at the lag with the highest cross-correlation
explains nearly all of 128 ms of echo, seldom less than two thirds; of 128 ms of somebody else's speech it explains a tenth, seldom more
than four tenths. The steady noise of the line is left out of the account, or a weak echo would never be explained.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm

WINDOW: Final = 1024
"""Samples that are compared: 128 ms. With 64 ms one in forty windows is mistaken, with 128 ms one in two hundred."""
TAPS: Final = 64
"""Samples of the path that is fitted: 8 ms hold most of the energy of a room's response."""
LEAD: Final = 16
"""Samples of the path before its strongest one."""
REACH: Final = 2400
"""Largest lag that is looked at, in samples: 250 ms of echo, and 50 ms for packets that come late."""

_EMPHASIS: Final = np.float32(0.6)
"""Low voices are alike in their lowest octave; with 0.9 a weak echo drowns in noise."""
_LOUD: Final = 4.0
"""Power of a window over that of the noise from which emphasis is worth while."""
_LOADING: Final = 1e-3
"""Part of the mean power added to the diagonal, so that a pure tone can be fitted too."""
_BLOCK: Final = 160
_QUIETEST: Final = 1.3
"""Mean power of noise over that of the quietest 20 ms of a second of it."""
_LEAST_VOICE: Final = 0.25
"""Part of a window's energy that is taken for sound however loud the noise."""

Samples = NDArray[np.float32]


class Likeness(NamedTuple):
    share: float
    """Part of the received sound that the played audio explains, 0 to about 1."""
    lag: int
    """Samples by which the echo's strongest part is behind the end of the played audio."""


class LineNoise(NamedTuple):
    """Power of a line's steady noise, per sample."""

    sharp: float
    """Pre-emphasised."""
    plain: float


def find_echo(received: Pcm, played: Pcm, noise: LineNoise) -> Likeness:
    """Look for ``received`` (``WINDOW`` samples) in ``played`` (that much plus ``REACH``), the ends of which are of the same time."""
    near, far, power = _prepared(received, played, noise)
    lag = _lag(near, far)
    return Likeness(_share(near, _around(far, len(near), lag), power), lag)


def explained(received: Pcm, played: Pcm, lag: int, noise: LineNoise) -> float:
    """Part of the sound of ``received`` that is ``played``, ``lag`` samples late."""
    near, far, power = _prepared(received, played, noise)
    return _share(near, _around(far, len(near), lag), power)


def line_noise(received: Pcm) -> LineNoise:
    """From the last second or so of a line: the quietest 20 ms in it."""
    blocks = received[len(received) % _BLOCK :].reshape(-1, _BLOCK).astype(np.float32)
    quietest = blocks[int(np.argmin(np.einsum("ij,ij->i", blocks, blocks)))]
    return LineNoise(_QUIETEST * _power(_emphasised(quietest, _EMPHASIS)), _QUIETEST * _power(quietest))


def _prepared(received: Pcm, played: Pcm, noise: LineNoise) -> tuple[Samples, Samples, float]:
    """Both as they are compared, and the power of the noise in the first: emphasis would drown a weak echo in white noise."""
    near = _emphasised(received, _EMPHASIS)
    if _power(near) > _LOUD * noise.sharp:
        return near, _emphasised(played, _EMPHASIS), noise.sharp
    return received.astype(np.float32), played.astype(np.float32), noise.plain


def _emphasised(pcm: Pcm | Samples, emphasis: np.float32) -> Samples:
    samples = pcm.astype(np.float32)
    return samples[1:] - emphasis * samples[:-1]


def _power(samples: Samples) -> float:
    return float(np.dot(samples, samples)) / len(samples)


def _lag(near: Samples, far: Samples) -> int:
    """The lag with the highest normalised cross-correlation of either sign."""
    size, lags = len(near), len(far) - len(near) + 1
    spectrum = 1 << (len(far) - 1).bit_length()
    product = np.fft.rfft(far, spectrum) * np.conj(np.fft.rfft(near, spectrum))
    likeness = np.fft.irfft(product, spectrum)[:lags]
    energy = np.concatenate((np.zeros(1), np.cumsum(far.astype(np.float64) ** 2)))
    power = energy[size : size + lags] - energy[:lags]
    # Where next to nothing was played nothing can be an echo; without the constant such lags would win by rounding.
    score = likeness * likeness / (power + 1e-3 * power.max() + 1.0)
    return lags - 1 - int(np.argmax(score))


def _around(far: Samples, size: int, lag: int) -> Samples:
    """The ``size + TAPS - 1`` samples that a path around ``lag`` takes; zeros where nothing was played."""
    last = len(far) - lag + LEAD
    first = last - size - TAPS + 1
    before, after = max(0, -first), max(0, last - len(far))
    return np.concatenate((np.zeros(before, np.float32), far[max(0, first) : min(last, len(far))], np.zeros(after, np.float32)))


def _share(near: Samples, far: Samples, noise: float) -> float:
    """``near`` fitted by ``TAPS`` samples around each of ``far``; the fit takes its share of the noise as well, which does not count."""
    rows = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(far, TAPS))
    gram = (rows.T @ rows).astype(np.float64)
    trace = float(np.trace(gram))
    energy = float(np.dot(near, near))
    if energy <= 0 or trace <= 0:
        return 0.0
    gram[np.diag_indices(TAPS)] += _LOADING * trace / TAPS
    path = np.linalg.solve(gram, (rows.T @ near).astype(np.float64))
    rest = near - rows @ path.astype(np.float32)
    fitted = energy - float(np.dot(rest, rest)) - noise * TAPS
    return max(0.0, fitted) / max(energy - noise * len(near), _LEAST_VOICE * energy)
