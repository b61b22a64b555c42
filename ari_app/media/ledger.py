"""The ledger of what really left a line: the last minute, packed, for with hundreds of lines it is the most that the process remembers.

As tuples it would be half a megabyte a line, in objects that the garbage collector looks through while packets wait.
"""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple, overload

_FRAMES: Final = 3000
_ROW: Final = struct.Struct("dqqq")
_pack_into: Final = _ROW.pack_into


class LedgerEntry(NamedTuple):
    """Samples ``start`` to ``end`` (8 kHz, end exclusive) of ``clip`` left at ``at``."""

    at: float
    clip: int
    start: int
    end: int


class Ledger(Sequence[LedgerEntry]):
    """Entries in order; beyond a minute's worth of frames the oldest is forgotten."""

    __slots__ = ("_added", "_rows")

    def __init__(self) -> None:
        self._rows = bytearray(_FRAMES * _ROW.size)
        self._added = 0

    def add(self, at: float, clip: int, start: int, end: int) -> None:
        """See ``LedgerEntry``."""
        _pack_into(self._rows, self._added % _FRAMES * _ROW.size, at, clip, start, end)
        self._added += 1

    def __len__(self) -> int:
        return min(self._added, _FRAMES)

    @overload
    def __getitem__(self, index: int) -> LedgerEntry: ...
    @overload
    def __getitem__(self, index: slice) -> list[LedgerEntry]: ...
    def __getitem__(self, index: int | slice) -> LedgerEntry | list[LedgerEntry]:
        places = range(self._added - len(self), self._added)[index]
        if isinstance(places, range):
            return [self._entry(place) for place in places]
        return self._entry(places)

    def _entry(self, place: int) -> LedgerEntry:
        return LedgerEntry(*_ROW.unpack_from(self._rows, place % _FRAMES * _ROW.size))
