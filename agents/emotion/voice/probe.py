"""A sound made by formula and what this version measures of it: so a trained model notices that it was made for other measurements."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from agents.audio import RATE, Pcm
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.features import NAMES, measure

TOLERANCE: Final = 0.1
"""In the unit of ``Baseline.relative``: more than rounding on another machine makes, less than a change of a formula."""
_LENGTH_S: Final = 1.6


@cache
def measured_probe() -> tuple[float, ...]:
    """The probe against a baseline that has heard it once in another pitch, in the order of NAMES."""
    usual, raised = measure(_tone(130.0, 0.10)), measure(_tone(180.0, 0.2))
    if usual is None or raised is None:
        raise AssertionError("the probe has too little voice for this version of the measurements")
    found = Baseline.start().with_(usual).relative(raised)
    return tuple(round(found[name], 4) for name in NAMES)


def agrees(stored: Sequence[float]) -> bool:
    now = measured_probe()
    return len(stored) == len(now) and all(abs(one - other) <= TOLERANCE for one, other in zip(stored, now, strict=True))


def _tone(pitch_hz: float, amplitude: float) -> Pcm:
    """A gliding voice of 30 harmonics in three syllables."""
    time = np.arange(round(_LENGTH_S * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.1 * np.sin(2 * np.pi * 1.3 * time))) / RATE
    voice = sum((np.sin(number * phase) / number for number in range(1, 31)), start=np.zeros_like(time))
    loudness = np.clip(np.sin(np.pi * 3 * time / _LENGTH_S) ** 2 * 1.6 - 0.2, 0.0, 1.0)
    floor = 2.0 * np.sin(2 * np.pi * 777.0 * time)
    pcm: Pcm = np.rint(32767 * amplitude * loudness * voice / np.abs(voice).max() + floor).astype(np.int16)
    return pcm
