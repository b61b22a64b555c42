"""Whether a window within a talk spurt is silent by its level alone. Pure.

The model's probability stays up for one or two windows behind the last word: on a clean line it put the end of the voice 45 ms late
(median), with steady noise 60 ms. A window far below the loudness of the speech before it, or no louder than the line's noise, is the
pause itself; with both rules the median is within 10 ms.
"""

from typing import Final

from ari_app.media.voice import VoiceSettings

_DECAY_DB: Final = 0.1
"""A window: 3 dB a second, so that a loud word does not make the soft ones behind it a pause."""


class Fading:
    """``begin`` with each talk spurt, ``step`` for its windows; levels in dBov."""

    __slots__ = ("_loudest", "_noise", "_settings")

    def __init__(self, settings: VoiceSettings) -> None:
        self._settings = settings
        self._loudest = -100.0
        self._noise = -100.0

    def begin(self, loudest: float, floor: float) -> None:
        """The loudest window so far, and the noise floor before the spurt."""
        self._loudest = loudest
        self._noise = floor + self._settings.noise_db

    def step(self, level: float) -> bool:
        """Whether a window of this level is silent."""
        self._loudest = max(self._loudest - _DECAY_DB, level)
        return level < max(self._loudest - self._settings.fade_db, self._noise)
