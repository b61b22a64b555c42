"""The bed of the line in memory: what changed when is written down, what was heard is worked out when somebody asks."""

from typing import Final, NamedTuple

import numpy as np

from agents.audio import FRAME_SAMPLES, RATE, Pcm
from agents.bed import BedPlayer, Leaving

_STEP_S: Final = FRAME_SAMPLES / RATE


class _Change(NamedTuple):
    """From ``at`` (seconds) on."""

    at: float
    bed: Pcm | None
    leaving: Leaving
    speaking: bool


class MemoryBed:
    def __init__(self) -> None:
        self.audio: Pcm | None = None
        """The bed that is set."""
        self._changes: list[_Change] = []

    def set(self, audio: Pcm | None) -> None:
        """The same audio goes on."""
        if self.audio is None or audio is None or not np.array_equal(self.audio, audio):
            self.audio = audio

    def note(self, now: float, leaving: Leaving, speaking: bool) -> None:
        """From ``now`` on it is like this."""
        if self.audio is None and not self._changes:
            return
        change = _Change(now, self.audio, leaving, speaking)
        if self._changes and self._changes[-1].at == now:
            self._changes.pop()
        self._changes.append(change)

    def heard(self, begin: float, end: float) -> Pcm:
        """What of beds left the line from ``begin`` to ``end`` (s), silence where there was none."""
        out = np.zeros(round((end - begin) * RATE), dtype=np.int16)
        player: BedPlayer[Pcm] = BedPlayer(RATE)
        for number, change in enumerate(self._changes):
            until = self._changes[number + 1].at if number + 1 < len(self._changes) else end
            player.set(change.bed)
            at = change.at
            while until - at > 1 / RATE and at < end:
                samples = round(min(_STEP_S, until - at) * RATE)
                stretch = player.step(samples, change.leaving, change.speaking)
                if stretch is not None:
                    source = np.take(stretch.loop, np.arange(stretch.start, stretch.start + samples), mode="wrap")
                    ramp = np.linspace(stretch.gain, stretch.until, samples, endpoint=False)
                    _place(out, round((at - begin) * RATE), (source * ramp).astype(np.int16))
                at += samples / RATE
        return out


def _place(out: Pcm, first: int, piece: Pcm) -> None:
    """``piece`` into ``out`` from sample ``first`` on, as far as it lies inside."""
    piece, first = piece[max(0, -first) :], max(0, first)
    out[first : first + len(piece)] = piece[: max(0, len(out) - first)]
