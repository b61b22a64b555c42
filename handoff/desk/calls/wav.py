"""Recordings on disk: 16-bit PCM WAV, mono of one leg each, also while they are being written; or stereo of both once the call is over."""

import struct
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

HEADER: Final = 44
_SAMPLE: Final = 2


class NotAWav(ValueError):
    """The file is no WAV that is understood here; the message names it and what was expected."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a call."""

    path: Path
    offset: int
    """Byte at which the samples begin."""
    samples: int
    rate: int
    channels: int = 1
    """Of the file."""
    channel: int = 0
    """The leg's: 0 is the left one."""

    def read(self, first: int, count: int) -> NDArray[np.int16]:
        """``count`` samples from ``first``; silence beyond the end. Blocks."""
        have = max(0, min(count, self.samples - first))
        found = np.zeros(count, np.int16)
        if have:
            with self.path.open("rb") as file:
                frame = _SAMPLE * self.channels
                file.seek(self.offset + first * frame)
                data = file.read(have * frame)
            frames = np.frombuffer(data[: len(data) // frame * frame], "<i2").reshape(-1, self.channels)
            found[: len(frames)] = frames[:, self.channel]
        return found


@dataclass(frozen=True, slots=True)
class Recording:
    """One or two legs, as one WAV: two become stereo, the caller left and the agent right, the shorter one filled with silence."""

    legs: tuple[Leg, ...]

    @property
    def rate(self) -> int:
        return self.legs[0].rate

    @property
    def samples(self) -> int:
        return max(leg.samples for leg in self.legs)

    @property
    def duration_s(self) -> float:
        return self.samples / self.rate

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return HEADER + self.samples * self._frame

    @property
    def _frame(self) -> int:
        return _SAMPLE * len(self.legs)

    def read(self, start: int, stop: int) -> bytes:
        """Bytes ``start`` up to before ``stop`` of the file. Blocks."""
        stop = min(stop, self.size)
        if start >= stop:
            return b""
        found = self.header()[start:stop] if start < HEADER else b""
        first_byte, last_byte = max(start - HEADER, 0), stop - HEADER
        if last_byte <= first_byte:
            return found
        first, last = first_byte // self._frame, -(-last_byte // self._frame)
        frames = np.stack([leg.read(first, last - first) for leg in self.legs], axis=1).astype("<i2").tobytes()
        return found + frames[first_byte - first * self._frame : last_byte - first * self._frame]

    def header(self) -> bytes:
        """RIFF with one format chunk and one data chunk."""
        data = self.samples * self._frame
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, len(self.legs), self.rate, self.rate * self._frame, self._frame, 8 * _SAMPLE)
        return struct.pack("<4sI4s", b"RIFF", HEADER - 8 + data, b"WAVE") + form + struct.pack("<4sI", b"data", data)

    def peaks(self, width: int) -> list[list[int]]:
        """For each leg the loudest sample of each of ``width`` equal pieces, 0 to 100. Blocks for some milliseconds a minute."""
        return [_peaks(leg, self.samples, width) for leg in self.legs]


def open_leg(path: Path) -> Leg:
    """Raises NotAWav, OSError. A length in the header that is not true (the file is being written) is not believed."""
    return _open(path, 1)


def open_stereo(path: Path) -> Recording:
    """Both legs out of one file, the left one the caller's. Raises NotAWav, OSError."""
    left = _open(path, 2)
    return Recording((left, replace(left, channel=1)))


def _open(path: Path, wanted: int) -> Leg:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise NotAWav(f"{path.name} is no WAV file")
    place, rate = 12, 0
    while place + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, place)
        if name == b"fmt ":
            if place + 24 > len(head):
                break
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, place + 8)
            if (kind, channels, bits) != (1, wanted, 16) or not 8000 <= rate <= 48000:
                raise NotAWav(f"{path.name} holds no {'mono' if wanted == 1 else 'stereo'} 16-bit PCM of 8 to 48 kHz")
        elif name == b"data" and rate:
            there = size - place - 8
            return Leg(path, place + 8, (min(length, there) if 0 < length < 0xFFFFFF00 else there) // (_SAMPLE * wanted), rate, wanted)
        place += 8 + length + length % 2
    raise NotAWav(f"{path.name} has no sound in it yet")


def open_recording(paths: list[Path]) -> Recording:
    """Those of ``paths`` that are there. Raises NotAWav (also for none, and for legs of different rates), OSError."""
    legs = tuple(open_leg(path) for path in paths if path.is_file())
    if not legs:
        raise NotAWav("there is no recording of this call")
    if len({leg.rate for leg in legs}) > 1:
        raise NotAWav(f"{legs[0].path.name} and {legs[1].path.name} have different sampling rates")
    return Recording(legs)


def _peaks(leg: Leg, samples: int, width: int) -> list[int]:
    edges = np.linspace(0, samples, width + 1).astype(int)
    found = []
    for first, last in pairwise(edges):
        piece = leg.read(int(first), max(1, int(last - first)))
        found.append(round(int(np.abs(piece.astype(np.int32)).max()) * 100 / 32768))
    return found
