"""The bed of the telephone's lines: loops that all lines of one mind share, and how one line hears them. Pure.

A loop is converted to 8 kHz piece by piece as it comes from the mind; what it costs a line afterwards is one multiplication, addition
and G.711 conversion of a frame while it is heard, nothing while it is not.
"""

from typing import Final

import numpy as np

from agents.audio import Pcm
from agents.bed import LONGEST_S, BedPlayer, Leaving, Stretch
from ari_app.media.errors import MediaRefused
from ari_app.media.g711 import FRAME, RATE, Law, decode, encode, mixed, softer
from ari_app.media.resample import Downsampler

_AROUND: Final = 144
"""Samples (16 kHz) of the beginning that are filtered again behind the end; the filter reaches over half of them."""
_MOST_LOOPS: Final = 16


class Loop:
    """8 kHz audio in a circle; ``add`` all of it, then ``close``."""

    __slots__ = ("_audio", "_downsampler", "_head", "_taken")

    def __init__(self) -> None:
        self._downsampler = Downsampler()
        self._audio = bytearray()
        self._head = np.zeros(0, dtype=np.int16)
        self._taken = 0

    def __len__(self) -> int:
        return len(self._audio) // 2

    def add(self, pcm: Pcm) -> bool:
        """More 16 kHz audio; False when the loop is full and the audio was dropped."""
        if self._taken + len(pcm) > LONGEST_S * 2 * RATE:
            return False
        self._taken += len(pcm)
        if len(self._head) < _AROUND:
            self._head = np.concatenate((self._head, pcm))[:_AROUND]
        self._audio += self._downsampler.feed(pcm).tobytes()
        return True

    def close(self) -> None:
        """Join the end to the beginning: the filter runs over the seam as if the audio had come round before.

        Raises:
            MediaRefused: it is shorter than 20 ms, or of an odd number of samples.
        """
        if self._taken < 2 * FRAME or self._taken % 2:
            raise MediaRefused(f"a bed of {self._taken} samples cannot be looped: an even number, {2 * FRAME} at least")
        samples = self._taken // 2
        self._audio += self._downsampler.feed(self._head).tobytes()
        again = bytes(self._audio[2 * samples :])
        del self._audio[2 * samples :]
        self._audio[: len(again)] = again

    def piece(self, start: int, samples: int) -> bytes:
        """``samples`` from ``start`` (less than the length) on, going round; signed 16-bit native-endian."""
        out = bytes(self._audio[2 * start : 2 * (start + samples)])
        while len(out) < 2 * samples:
            out += self._audio[: 2 * samples - len(out)]
        return out


class Loops:
    """By number, as the mind gave them; a line that plays one keeps it when it is forgotten here."""

    def __init__(self) -> None:
        self._coming: dict[int, Loop] = {}
        self._whole: dict[int, Loop] = {}

    def add(self, number: int, pcm: Pcm) -> bool:
        """Audio of a loop, a new one when the number is; False when it was dropped."""
        loop = self._coming.get(number)
        if loop is None:
            if len(self._coming) + len(self._whole) >= _MOST_LOOPS:
                return False
            loop = self._coming[number] = Loop()
        return loop.add(pcm)

    def close(self, number: int) -> None:
        """All of it has come; KeyError, MediaRefused."""
        loop = self._coming.pop(number)
        loop.close()
        self._whole[number] = loop

    def forget(self, number: int) -> None:
        self._coming.pop(number, None)
        self._whole.pop(number, None)

    def clear(self) -> None:
        self._coming.clear()
        self._whole.clear()

    def named(self, number: int) -> Loop:
        """Raises MediaRefused."""
        if number not in self._whole:
            raise MediaRefused(f"bed {number} is unknown")
        return self._whole[number]


class Bed:
    """What one line in ``law`` hears of loops."""

    __slots__ = ("_law", "_player", "idle", "wanted")

    def __init__(self, law: Law) -> None:
        self._law = law
        self._player: BedPlayer[Loop] = BedPlayer(RATE)
        self.wanted = False
        """A bed is set."""
        self.idle = True
        """Nothing is set and nothing dies away: ``under`` gives back what it is given."""

    def set(self, loop: Loop | None) -> None:
        """See ``BedPlayer.set``."""
        self._player.set(loop)
        self.wanted, self.idle = self._player.wanted, self._player.idle

    def under(self, frame: bytes, leaving: Leaving, speaking: bool) -> bytes:
        """``frame`` (20 ms, of which ``leaving`` is what it holds) with the bed under it."""
        if self.idle:
            return frame
        heard = self._player.step(FRAME, leaving, speaking)
        self.idle = self._player.idle
        if heard is None:
            return frame
        sound = _sound(heard)
        return encode(sound if leaving is not Leaving.CLIP else mixed(decode(frame, self._law), sound), self._law)


def _sound(heard: Stretch[Loop]) -> bytes:
    piece = heard.loop.piece(heard.start, FRAME)
    if heard.gain == heard.until:
        return piece if heard.gain == 1.0 else softer(piece, heard.gain)
    ramp = np.linspace(heard.gain, heard.until, FRAME, endpoint=False)
    return (np.frombuffer(piece, dtype=np.int16) * ramp).astype(np.int16).tobytes()
