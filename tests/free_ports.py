"""Ports for what tests start: two test processes side by side never pick the same one, and neither does one process twice in a row.

All lie below the range that the kernel hands out by itself: a port chosen here cannot become the local end of somebody's connection
between the choice and its use.
"""

import os
import random
import socket
from collections import deque
from typing import Final

_FIRST: Final = 12_100
_BEHIND: Final = 32_700
_latest: Final[deque[range]] = deque(maxlen=40)
"""Given out before: about five instances' worth, which may not have opened theirs yet."""


def _mine() -> range:
    """The part of the ports that belongs to this process of pytest-xdist; all of them when it is the only one."""
    worker, workers = os.environ.get("PYTEST_XDIST_WORKER", "gw0"), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    size = (_BEHIND - _FIRST) // workers
    first = _FIRST + size * int(worker.removeprefix("gw"))
    return range(first + first % 2, first + size)


def free_block(size: int, *, kind: socket.SocketKind = socket.SOCK_DGRAM, address: str = "127.0.0.1") -> int:
    """The even first port of ``size`` consecutive ones that are free now. Raises RuntimeError when there are none."""
    mine = _mine()
    for _ in range(400):
        first = random.randrange(mine.start, mine.stop - size, 2)
        block = range(first, first + size)
        if any(block.start < given.stop and given.start < block.stop for given in _latest):
            continue
        if all(_free(port, kind, address) for port in block[:: max(size // 40, 1)]):
            _latest.append(block)
            return first
    raise RuntimeError(f"no free block of {size} ports")


def free_tcp(address: str = "127.0.0.1") -> int:
    return free_block(1, kind=socket.SOCK_STREAM, address=address)


def free_udp(address: str = "127.0.0.1") -> int:
    return free_block(1, address=address)


def _free(port: int, kind: socket.SocketKind, address: str) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
