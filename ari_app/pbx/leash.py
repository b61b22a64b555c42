"""Runs a program that the kernel ends when its parent is gone, however the parent went.

``python leash.py PARENT_PID COMMAND…``: a program of its own, because setting this up between fork and exec of a threaded
process can deadlock. The setting survives exec (prctl(2), PR_SET_PDEATHSIG).
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Bind this process to its parent, then become the command."""
    parent, *command = arguments
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before the call above
        sys.exit(1)
    os.umask(0o077)  # recordings and queue logs tell of callers
    os.execv(command[0], command)  # noqa: S606 - a list, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
