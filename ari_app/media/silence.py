"""The longest silence that left a line, as its caller may have heard it. Pure; times in seconds."""

from typing import Final

from ari_app.media.g711 import FRAME, RATE, level_dbov

AUDIBLE_DBOV: Final = -50.0
"""A frame above this level is sound."""
_FRAME_S: Final = FRAME / RATE


class LongestSilence:
    """Counts while a bed is set: only then silence is a fault. A clock that stood still counts as silence too."""

    __slots__ = ("_longest_s", "_sound_until")

    def __init__(self) -> None:
        self._sound_until: float | None = None
        """Where the silence begins that may be under way; None while nothing counts."""
        self._longest_s: float | None = None

    @property
    def counts(self) -> bool:
        """Whether a silence may be under way; while it is not, ``left`` need not be told of a frame that does not count."""
        return self._sound_until is not None

    @property
    def longest_ms(self) -> int | None:
        """Milliseconds; None when it has never counted."""
        return None if self._longest_s is None else round(1000 * self._longest_s)

    def left(self, pcm8: bytes, now: float, counts: bool) -> None:
        """20 ms left for the caller at ``now``: signed 16-bit samples. ``counts``: whether a bed is set."""
        if not counts:
            self._sound_until = None
            return
        if self._sound_until is None:
            self._sound_until = now
        if level_dbov(pcm8) > AUDIBLE_DBOV:
            self._note(now - self._sound_until)
            self._sound_until = now + _FRAME_S
        else:
            self._note(now + _FRAME_S - self._sound_until)

    def _note(self, silent_s: float) -> None:
        self._longest_s = max(self._longest_s or 0.0, silent_s)
