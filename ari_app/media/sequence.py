"""RTP arithmetic: sequence numbers modulo 2^16, timestamps modulo 2^32 (RFC 3550, section 5.1)."""

from typing import Final

_MOD16: Final = 1 << 16
_MOD32: Final = 1 << 32


def add16(value: int, step: int) -> int:
    """``value + step`` as a sequence number."""
    return (value + step) % _MOD16


def add32(value: int, step: int) -> int:
    """``value + step`` as a timestamp."""
    return (value + step) % _MOD32


def diff16(later: int, earlier: int) -> int:
    """Signed distance from ``earlier`` to ``later`` by the shorter way round, -32768 to 32767."""
    return (later - earlier + 0x8000) % _MOD16 - 0x8000


def diff32(later: int, earlier: int) -> int:
    """Signed distance from ``earlier`` to ``later`` by the shorter way round, -2^31 to 2^31 - 1."""
    return (later - earlier + 0x8000_0000) % _MOD32 - 0x8000_0000


def extend16(sequence: int, near: int) -> int:
    """The extended sequence number (unbounded) of ``sequence`` that lies nearest to the extended number ``near``."""
    return near + diff16(sequence, near % _MOD16)
