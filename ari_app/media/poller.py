"""All RTP sockets behind one readiness handle of the event loop: cheaper than one loop callback per packet.

With few lines a packet wakes the process when it comes. With many, the packet clock wakes it every 5 ms anyway and fetches what came
meanwhile, after it has sent what is due: waking up costs as much as a packet does (40 us measured).
"""

import asyncio
import select
import socket
from collections.abc import Callable
from typing import Final

_AT_ONCE: Final = 16
"""Packets read before the packet clock gets its turn again."""
_MANY: Final = 4
"""Lines from which the packet clock fetches."""


class Poller:
    """Calls back when a datagram can be read; whoever is called reads one."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._wakes = False

    def add(self, watched: socket.socket, readable: Callable[[], None]) -> None:
        """Call ``readable`` whenever ``watched`` has a datagram, or when ``fetch`` is called with so many lines."""
        self._callbacks[watched.fileno()] = readable
        self._epoll.register(watched.fileno(), select.EPOLLIN)
        self._choose()

    def remove(self, watched: socket.socket) -> None:
        """Call no more; to be done before the socket is closed."""
        self._epoll.unregister(watched.fileno())
        del self._callbacks[watched.fileno()]
        self._choose()

    def close(self) -> None:
        self._callbacks.clear()
        self._choose()
        self._epoll.close()

    @property
    def rounds(self) -> int:
        """Times to ``fetch`` that read a datagram of every line, and one more."""
        return len(self._callbacks) // _AT_ONCE + 2

    def fetch(self) -> bool:
        """Read a few of the datagrams that are there; whether there may be more."""
        ready = self._epoll.poll(0, _AT_ONCE)
        for descriptor, _ in ready:
            callback = self._callbacks.get(descriptor)
            if callback is not None:
                callback()
        return len(ready) == _AT_ONCE

    def _choose(self) -> None:
        """Whether a packet wakes the process."""
        wanted = 0 < len(self._callbacks) < _MANY
        if wanted and not self._wakes:
            self._loop.add_reader(self._epoll.fileno(), self.fetch)
        elif self._wakes and not wanted:
            self._loop.remove_reader(self._epoll.fileno())
        self._wakes = wanted
