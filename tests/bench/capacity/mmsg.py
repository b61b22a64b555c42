"""Many datagrams in one system call: ``sendmmsg`` and ``recvmmsg`` of Linux on numpy buffers, with the kernel's time stamps.

One Python process can so be hundreds of callers for a few per cent of a core: the packets of all of them are laid out and read as arrays.
"""

import ctypes
import errno
import os
import socket
import sys
import time
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

SO_TIMESTAMPNS: Final = 35
_SO_RCVBUFFORCE: Final = 33
_BUFFER_BYTES: Final = 4 << 20
_MESSAGE: Final = np.dtype(
    {
        "names": ["name", "name_length", "parts", "part_count", "control", "control_length", "flags", "length"],
        "formats": ["u8", "u4", "u8", "u8", "u8", "u8", "i4", "u4"],
        "offsets": [0, 8, 16, 24, 32, 40, 48, 56],
        "itemsize": 64,
    }
)
"""``struct mmsghdr`` of 64-bit Linux."""
_PART: Final = np.dtype([("base", "u8"), ("length", "u8")])
_ADDRESS: Final = np.dtype([("family", "u2"), ("port", ">u2"), ("host", ">u4"), ("rest", "u8")])
_CONTROL: Final = 64
_SLOT: Final = 512
"""Most bytes of a datagram that is kept."""
_AT_ONCE: Final = 256

Bytes = NDArray[np.uint8]
_libc = ctypes.CDLL(None, use_errno=True)


class MmsgError(RuntimeError):
    """This system has no sendmmsg as it is used here; the message says what it needs."""


class Datagrams(NamedTuple):
    """What one call read."""

    ports: NDArray[np.int64]
    """Source ports."""
    lengths: NDArray[np.int64]
    data: Bytes
    """One row a datagram; a view that the next call overwrites."""
    at_ns: NDArray[np.int64]
    """Kernel's time of arrival on the monotonic clock."""


def _address_of(array: NDArray[Any]) -> int:
    return int(array.ctypes.data)


class BatchSocket:
    """One UDP socket of ``host`` (a numeric IPv4 address) on a port that is free, with the one above it, which is for RTCP."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        if sys.platform != "linux" or ctypes.sizeof(ctypes.c_void_p) != 8 or sys.byteorder != "little":
            raise MmsgError("many callers need 64-bit Linux on a little-endian processor")
        self.host = host
        self._socket, self._rtcp = _pair(host)
        self.port = int(self._socket.getsockname()[1])
        self._host_number = int.from_bytes(socket.inet_aton(host), "big")
        self._data = np.zeros((_AT_ONCE, _SLOT), dtype=np.uint8)
        self._control = np.zeros((_AT_ONCE, _CONTROL), dtype=np.uint8)
        self._from = np.zeros(_AT_ONCE, dtype=_ADDRESS)
        self._parts = np.zeros(_AT_ONCE, dtype=_PART)
        self._messages = np.zeros(_AT_ONCE, dtype=_MESSAGE)
        rows = np.arange(_AT_ONCE, dtype=np.uint64)
        self._parts["base"] = _address_of(self._data) + rows * np.uint64(_SLOT)
        self._parts["length"] = _SLOT
        self._messages["name"] = _address_of(self._from) + rows * np.uint64(_ADDRESS.itemsize)
        self._messages["parts"] = _address_of(self._parts) + rows * np.uint64(_PART.itemsize)
        self._messages["part_count"] = 1
        self._messages["control"] = _address_of(self._control) + rows * np.uint64(_CONTROL)
        self._messages["name_length"], self._messages["control_length"] = _ADDRESS.itemsize, _CONTROL
        self._read_into = ctypes.c_void_p(_address_of(self._messages))
        self._descriptor = self._socket.fileno()

    def send(self, rows: Bytes, ports: NDArray[np.int64], host: str | None = None) -> int:
        """Send each row (all of one length, contiguous) to its port of ``host``; how many the kernel took."""
        count, size = rows.shape
        if not count:
            return 0
        to = np.zeros(count, dtype=_ADDRESS)
        to["family"], to["port"] = socket.AF_INET, ports
        to["host"] = self._host_number if host is None else int.from_bytes(socket.inet_aton(host), "big")
        index = np.arange(count, dtype=np.uint64)
        parts = np.zeros(count, dtype=_PART)
        parts["base"], parts["length"] = _address_of(rows) + index * np.uint64(size), size
        messages = np.zeros(count, dtype=_MESSAGE)
        messages["name"], messages["name_length"] = _address_of(to) + index * np.uint64(_ADDRESS.itemsize), _ADDRESS.itemsize
        messages["parts"], messages["part_count"] = _address_of(parts) + index * np.uint64(_PART.itemsize), 1
        done, refused = 0, 0
        while done < count:
            sent = int(_libc.sendmmsg(self._descriptor, ctypes.c_void_p(_address_of(messages) + done * 64), count - done, 0))
            if sent <= 0:
                # An ICMP error about an earlier packet, or a full buffer: that packet is lost, as on a network.
                refused, sent = refused + 1, 1
            done += sent
        return int(count) - refused

    def receive(self) -> Datagrams | None:
        """Up to 256 datagrams that are there; None when there are none."""
        count = int(_libc.recvmmsg(self._descriptor, self._read_into, _AT_ONCE, socket.MSG_DONTWAIT, None))
        if count <= 0:
            if count < 0 and ctypes.get_errno() not in (errno.EAGAIN, errno.ECONNREFUSED, errno.EINTR):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            return None
        # The kernel has written there how long each was.
        self._messages["name_length"][:count], self._messages["control_length"][:count] = _ADDRESS.itemsize, _CONTROL
        stamps = self._control[:count, 16:32].copy().view(np.int64)
        age = time.time_ns() - (stamps[:, 0] * 1_000_000_000 + stamps[:, 1])
        lengths = self._messages["length"][:count].astype(np.int64)
        return Datagrams(self._from["port"][:count].astype(np.int64), lengths, self._data[:count], time.monotonic_ns() - age)

    def close(self) -> None:
        self._socket.close()
        self._rtcp.close()


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    """An even port and the next one, so that RTCP meets a socket and not an ICMP error."""
    for _ in range(100):
        rtp, rtcp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        try:
            rtp.bind((host, 0))
            port = rtp.getsockname()[1]
            if port % 2 == 0:
                rtcp.bind((host, port + 1))
                rtp.setblocking(False)
                rtp.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
                _widen(rtp)
                return rtp, rtcp
        except OSError:
            pass  # taken: the next try finds another
        rtp.close()
        rtcp.close()
    raise MmsgError(f"no free pair of UDP ports on {host}; give the address of this machine")


def _widen(made: socket.socket) -> None:
    try:
        made.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
    except OSError:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)  # as much as net.core.rmem_max allows
