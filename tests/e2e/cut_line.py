"""Cuts the TCP connections of another process, as a network that fails does: nothing is asked of either program."""

import contextlib
import ctypes
import os
import re
import socket
from pathlib import Path
from typing import Final

_PIDFD_GETFD: Final = 438
"""The same on every architecture that Linux has had it on."""


def cut(pid: int, port: int) -> int:
    """Shut every TCP connection of process ``pid`` to ``port`` of 127.0.0.1; returns how many. Raises PermissionError where a process may
    not reach into another one of its own user."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(pid, port)}
    kernel = ctypes.CDLL(None, use_errno=True)
    number = 0
    process = os.pidfd_open(pid)
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if str(entry.readlink()) not in wanted:
                    continue
                copy = kernel.syscall(_PIDFD_GETFD, process, int(entry.name), 0)
                if copy < 0:
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
                with socket.socket(fileno=copy) as ours:
                    ours.shutdown(socket.SHUT_RDWR)
                number += 1
    finally:
        os.close(process)
    return number


def _inodes(pid: int, port: int) -> set[str]:
    """Of the established connections to that port."""
    remote = f"0100007F:{port:04X}"
    lines = (re.split(r"\s+", line.strip()) for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:])
    return {fields[9] for fields in lines if fields[2] == remote and fields[3] == "01"}
