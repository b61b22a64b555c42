"""One timer with microsecond precision for an asyncio loop: a Linux timerfd (the loop's own timers round up to a whole millisecond)."""

import asyncio
import ctypes
import os
from collections.abc import Callable
from typing import Final

_CLOCK_MONOTONIC: Final = 1
_ABSOLUTE: Final = 1


class _Spec(ctypes.Structure):
    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class Alarm:
    """Calls ``ring`` on the loop at the time last ``set``, in seconds of ``time.monotonic()``."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create failed")
        self._spec = _Spec()
        self._loop = loop
        self._ring = ring
        self._set_for: float | None = None
        loop.add_reader(self._fd, self._expired)

    def set(self, at: float | None) -> None:
        """Ring at ``at``, at once when that is past, never when None."""
        if at == self._set_for:
            return
        self._set_for = at
        whole = int(at or 0)
        self._spec.value_s = whole
        self._spec.value_ns = max(1, int((at - whole) * 1e9)) if at is not None else 0
        if self._libc.timerfd_settime(self._fd, _ABSOLUTE, ctypes.byref(self._spec), None) != 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime failed")

    def close(self) -> None:
        """Never ring again."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _expired(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return
        self._set_for = None
        self._ring()
