"""A witness of the machine's standstills: ``python stall_witness.py CPU``, until its input is closed.

With the highest real-time priority but those of the kernel it asks for a turn on one processor every 2 ms. Whoever is not let run then,
though nothing may come before it, was stopped by the kernel or by the machine underneath: a hypervisor that serves others.
Each such stop is a line: when the turn was due and when it came, in monotonic ns. Nothing is said where real-time scheduling is forbidden.
"""

import os
import sys
import time
from typing import Final

_EVERY_NS: Final = 2_000_000
_LEAST_NS: Final = 1_000_000
"""Less is how exactly a sleeper wakes up."""
_PRIORITY: Final = 50
_ROUNDS: Final = 25
"""Between two looks at the input."""


def main(cpu: int) -> None:
    os.sched_setaffinity(0, {cpu})
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_PRIORITY))
    except OSError:
        sys.stdin.read()
        return
    os.set_blocking(0, False)
    due, rounds = time.monotonic_ns(), 0
    while rounds % _ROUNDS or not _closed():
        rounds += 1
        due += _EVERY_NS
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        now = time.monotonic_ns()
        if now - due > _LEAST_NS:
            os.write(1, b"%d %d\n" % (due, now))
            due = now


def _closed() -> bool:
    try:
        return os.read(0, 1) == b""
    except BlockingIOError:
        return False


if __name__ == "__main__":
    main(int(sys.argv[1]))
