"""All RTP sockets behind one readiness handle of the event loop: cheaper than one loop callback per packet."""

import asyncio
import select
import socket
from collections.abc import Callable
from typing import Final

_AT_ONCE: Final = 8
"""Packets read before the packet clock gets its turn again."""


class Poller:
    """Calls back when a datagram can be read; whoever is called reads one."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._callbacks: dict[int, Callable[[], None]] = {}
        loop.add_reader(self._epoll.fileno(), self._ready)

    def add(self, watched: socket.socket, readable: Callable[[], None]) -> None:
        """Call ``readable`` whenever ``watched`` has a datagram."""
        self._callbacks[watched.fileno()] = readable
        self._epoll.register(watched.fileno(), select.EPOLLIN)

    def remove(self, watched: socket.socket) -> None:
        """Call no more; to be done before the socket is closed."""
        self._epoll.unregister(watched.fileno())
        del self._callbacks[watched.fileno()]

    def close(self) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _ready(self) -> None:
        for descriptor, _ in self._epoll.poll(0, _AT_ONCE):
            callback = self._callbacks.get(descriptor)
            if callback is not None:
                callback()
