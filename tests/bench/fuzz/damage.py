"""Ways to break a message, all drawn from one seeded chance."""

import random
from collections.abc import Callable, Sequence
from typing import Final

MOST: Final = 60_000
"""Bytes of a message; a datagram holds no more."""
_BAD_UTF8: Final = (b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00", b"\xe2\x80\xae", b"\x1b[2J", b"\x85")


def damaged(chance: random.Random, message: bytes) -> bytes:
    """One to three kinds of damage; none at all for half: lies that are well formed get further in."""
    data = message
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 3))):
        data = chance.choice(_WAYS)(chance, data)
    return data[:MOST]


def _change(chance: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(chance.randrange(1, 12) if made else 0):
        made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _double(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start : start + 200] * chance.choice((2, 5, 60)) + data[start:]


def _stretch(chance: random.Random, data: bytes) -> bytes:
    """A value that goes on and on."""
    return data.replace(b": ", b": " + bytes([chance.randrange(256)]) * chance.choice((1, 80, 300, 4000, 20_000)), chance.randrange(1, 4))


def _spoil(chance: random.Random, data: bytes) -> bytes:
    """Bytes that are no text, or text that hides something."""
    made = data
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(made) + 1)
        made = made[:place] + chance.choice(_BAD_UTF8) + made[place:]
    return made


def _lines(chance: random.Random, data: bytes) -> bytes:
    """Line ends of other kinds, lines in another order, folded lines."""
    kind = chance.randrange(4)
    if kind == 0:
        return data.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\n\r", b"\r\n\r\n")))
    if kind == 1:
        return data.replace(b"\r\n", b"\r\n ", chance.randrange(1, 6))
    first, *rest = data.split(b"\r\n")
    chance.shuffle(rest)
    return b"\r\n".join([first, *rest])


def _noise(chance: random.Random, data: bytes) -> bytes:
    return chance.randbytes(chance.randrange(1, 1200))


def _swap(chance: random.Random, data: bytes) -> bytes:
    """Signs that mean something exchanged for each other."""
    return bytes(chance.choice(b'<>"@;:,=\\%()[]{}') if byte in b'<>"@;:,=' and chance.random() < 0.2 else byte for byte in data)


_WAYS: Final[Sequence[Callable[[random.Random, bytes], bytes]]] = (_change, _cut, _double, _stretch, _spoil, _lines, _noise, _swap)
