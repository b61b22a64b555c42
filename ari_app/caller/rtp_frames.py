"""What a session will send next: audio cut into packets, key presses as RFC 4733 events."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ari_app.media.g711 import SILENCE, Law, encode

DIGITS: Final = "0123456789*#ABCD"
"""Index is the event number (RFC 4733 table 3)."""
_EVENT: Final = struct.Struct("!BBH")
_KEY_MS: Final = 100
_END_REPEATS: Final = 3
_VOLUME: Final = 10
"""Minus dBm0."""


@dataclass(slots=True, eq=False)
class Playback:
    """Progress of one queued item; written by the sending thread."""

    not_before_ns: int = 0
    """Stays in the queue until a packet is due at this time or later."""
    started_ns: int | None = None
    """First packet left."""
    finished_ns: int | None = None
    """Last packet left, or the item was dropped."""
    dropped: bool = field(default=False)

    @property
    def done(self) -> bool:
        return self.finished_ns is not None


class Frame(NamedTuple):
    payload: bytes
    event: bool
    """A key press: other payload type, time stamp of the press's beginning."""
    first: bool
    """First packet of a talk spurt or of a key press."""
    age: int
    """Time stamp units since the press began; 0 for audio."""
    playback: Playback
    last: bool


def audio_frames(pcm: bytes, law: Law, packet_ms: int, playback: Playback) -> Iterator[Frame]:
    """``pcm``: signed 16-bit native, 8 kHz. The last packet is filled with silence."""
    size = packet_ms * 8
    encoded = encode(pcm, law)
    count = -(-len(encoded) // size)
    for index in range(count):
        payload = encoded[index * size : (index + 1) * size].ljust(size, SILENCE[law])
        yield Frame(payload, False, index == 0, 0, playback, index == count - 1)


def key_frames(digits: str, law: Law, packet_ms: int, playback: Playback) -> Iterator[Frame]:
    """Each key: 100 ms of event packets, the end three times, then 80 ms without. ValueError for what is no key."""
    size, steps, pause = packet_ms * 8, -(-_KEY_MS // packet_ms), -(-80 // packet_ms)
    for position, digit in enumerate(digits):
        number = DIGITS.find(digit.upper())
        if number < 0 or not digit:
            raise ValueError(f"{digit!r} is not a telephone key; use {DIGITS}")
        total = steps * size
        for step in range(steps + _END_REPEATS):
            end = step >= steps
            payload = _EVENT.pack(number, (0x80 if end else 0) | _VOLUME, total if end else (step + 1) * size)
            yield Frame(payload, True, step == 0, step * size, playback, False)
        for step in range(pause):
            yield Frame(SILENCE[law] * size, False, step == 0, 0, playback, position == len(digits) - 1 and step == pause - 1)
