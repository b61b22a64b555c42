"""When the machine itself stood still, whatever runs on it: packets late for that reason tell nothing about whoever sent them."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ari_app.caller import stall_witness

_AFTERMATH_NS: Final = 10_000_000
"""So long after a stall it can still be felt: what it held up leaves all at once."""


@dataclass(frozen=True, slots=True)
class Stall:
    """On one processor; monotonic ns."""

    start_ns: int
    end_ns: int


class StallWatch:
    """Watches from when it is made until ``close`` (or the end of ``with``); ``stalls`` may be asked meanwhile and afterwards, in no order.

    None are seen where the system does not allow real-time scheduling: a witness of ordinary priority would blame the machine for what our
    own programs do.
    """

    def __init__(self) -> None:
        self._told: list[Stall] = []
        self._witnesses: list[subprocess.Popen[bytes]] = []
        self._begun: dict[int, bytes] = {}
        """By the descriptor to read: a line of which the rest has not come yet."""
        theirs, self._end = os.pipe()
        for cpu in sorted(os.sched_getaffinity(0)):
            told, tell = os.pipe()
            os.set_blocking(told, False)
            self._begun[told] = b""
            command = [sys.executable, "-I", "-S", stall_witness.__file__, str(cpu)]
            self._witnesses.append(subprocess.Popen(command, stdin=theirs, stdout=tell))
            os.close(tell)
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Once."""
        os.close(self._end)  # which ends them
        for witness in self._witnesses:
            witness.wait()
        self._read()
        for told in self._begun:
            os.close(told)
        self._begun.clear()

    @property
    def stalls(self) -> list[Stall]:
        """All so far."""
        self._read()
        return list(self._told)

    def _read(self) -> None:
        for told in self._begun:
            with contextlib.suppress(BlockingIOError):
                while came := os.read(told, 65_536):
                    *lines, self._begun[told] = (self._begun[told] + came).split(b"\n")
                    self._told += [Stall(*map(int, line.split())) for line in lines]


def disturbed(start_ns: NDArray[np.int64], end_ns: NDArray[np.int64], stalls: Sequence[Stall]) -> NDArray[np.bool_]:
    """For each pair of moments whether the machine stood still between them, or so shortly before that it can still be felt."""
    found = np.zeros(len(start_ns), dtype=np.bool_)
    if not len(found):
        return found
    first, last = int(start_ns.min()), int(end_ns.max())
    for stall in stalls:
        if first < stall.end_ns + _AFTERMATH_NS and last > stall.start_ns:
            found |= (start_ns < stall.end_ns + _AFTERMATH_NS) & (end_ns > stall.start_ns)
    return found
