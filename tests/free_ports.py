"""Ports for what tests start: two test processes side by side never pick the same one, and neither does one process twice in a row.

All lie below the range that the kernel hands out by itself: a port chosen here cannot become the local end of somebody's connection
between the choice and its use.
"""

import os
import random
import socket
from typing import Final

_FIRST: Final = 12_100
_BEHIND: Final = 32_700


def _mine() -> range:
    """The part of the ports that belongs to this process of pytest-xdist; all of them when it is the only one."""
    worker, workers = os.environ.get("PYTEST_XDIST_WORKER", "gw0"), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    size = (_BEHIND - _FIRST) // workers
    first = _FIRST + size * int(worker.removeprefix("gw"))
    return range(first + first % 2, first + size)


class Rounds:
    """Blocks one behind the other through ``ports``, from the start again at their end: what was given out comes again as late as can
    be, whatever the sizes, and nothing is ever refused for having been given out before. It starts anywhere, because another test run
    of this machine may walk the same ports."""

    def __init__(self, ports: range) -> None:
        self._ports = ports
        self._next = random.randrange(ports.start, ports.stop, 2)

    def block(self, size: int, address: str) -> int:
        """The even first port of ``size`` consecutive ones that are free now, for UDP and TCP: SIP takes both.

        Raises RuntimeError when a whole round finds none.
        """
        walked = 0
        while walked < 2 * len(self._ports):
            if self._next + size > self._ports.stop:
                walked += self._ports.stop - self._next
                self._next = self._ports.start
                if self._next + size > self._ports.stop:
                    break
            first = self._next
            taken = next((port for port in range(first, first + size) if not _free(port, address)), None)
            self._next = (first + size if taken is None else taken + 1) + 1 & ~1
            if taken is None:
                return first
            walked += self._next - first
        raise RuntimeError(f"no {size} free ports in a row between {self._ports.start} and {self._ports.stop}")


_rounds: Final = Rounds(_mine())


def free_block(size: int, *, address: str = "127.0.0.1") -> int:
    """The even first port of ``size`` consecutive ones that are free now. Raises RuntimeError when there are none."""
    return _rounds.block(size, address)


def free_port(address: str = "127.0.0.1") -> int:
    return free_block(1, address=address)


def _free(port: int, address: str) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:  # connections that have ended keep no server from it, listeners do
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
