"""RTP ports: a bounded range of even ports, one bound socket per line, refused when none is left."""

import errno
import socket

from ari_app.media.errors import MediaFull

_BUFFER_BYTES = 1 << 16


class PortPool:
    """Even UDP ports of ``host`` from ``first`` to ``last``. A port is taken by binding it, so what is handed out is really ours."""

    def __init__(self, host: str, first: int, last: int, start: int = 0) -> None:
        """``start``: the port to begin with, so that processes that share the range seldom meet; 0: the first."""
        self._host = host
        self._ports = list(range(first + first % 2, last + 1, 2))
        if not self._ports:
            raise ValueError(f"no even port lies between {first} and {last}: widen media.first_port to media.last_port")
        self._cursor = min((start - first) // 2, len(self._ports) - 1) if start > first else 0
        self._used: set[int] = set()

    @property
    def total(self) -> int:
        return len(self._ports)

    @property
    def used(self) -> int:
        return len(self._used)

    def take(self) -> tuple[int, socket.socket]:
        """A port and its bound, non-blocking socket. Ports are used in turn, so that late packets of an old call meet nobody.

        Raises:
            MediaFull: every port is ours or somebody else's.
        """
        for _ in self._ports:
            port = self._ports[self._cursor]
            self._cursor = (self._cursor + 1) % len(self._ports)
            if port in self._used:
                continue
            bound = self._bind(port)
            if bound is not None:
                self._used.add(port)
                return port, bound
        raise MediaFull(
            f"none of the {self.total} even RTP ports {self._ports[0]} to {self._ports[-1]} at {self._host} is free "
            f"({self.used} in calls, the rest taken by other programs): widen media.first_port to media.last_port"
        )

    def give_back(self, port: int, bound: socket.socket) -> None:
        """Close the socket and free its port. Twice is once."""
        bound.close()
        self._used.discard(port)

    def _bind(self, port: int) -> socket.socket | None:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        try:
            made.bind((self._host, port))
        except OSError as error:
            made.close()
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return None
            raise
        return made
