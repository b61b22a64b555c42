"""The two threads behind all RTP sessions of a process: one sends on an absolute clock, one receives with kernel time stamps.

Threads of their own, so that signalling, speech synthesis and recognition in the same process do not disturb what is measured.
"""

import contextlib
import heapq
import itertools
import os
import selectors
import socket
import struct
import threading
import time
from typing import Final, Protocol

SO_TIMESTAMPNS: Final = 35
"""Linux; the socket module does not name it."""
_TIMESPEC: Final = struct.Struct("@qq")
_STALL_NS: Final = 200_000_000


class Ticker(Protocol):
    """What the sending thread drives."""

    interval_ns: int

    def tick(self, due_ns: int) -> None: ...

    def stalled(self) -> None: ...


class Receiver(Protocol):
    """What the receiving thread feeds."""

    def datagram(self, data: bytes, at_ns: int, from_kernel: bool) -> None: ...


class SendingClock:
    """Calls ``tick`` of each member at its own absolute 20 (or 30) ms grid. New members get evenly spread phases."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heap: list[tuple[int, int, Ticker]] = []
        self._count = itertools.count()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="caller-rtp-send", daemon=True)
        self._thread.start()

    def add(self, member: Ticker) -> None:
        number = next(self._count)
        # Golden-ratio steps keep any number of calls apart within the 20 ms.
        phase = int(member.interval_ns * ((number * 0.618033988749895) % 1.0))
        now = time.monotonic_ns()
        start = now - now % member.interval_ns + phase
        with self._lock:
            heapq.heappush(self._heap, (start if start > now else start + member.interval_ns, number, member))

    def remove(self, member: Ticker) -> None:
        """After this returns ``tick`` of the member is not called again."""
        with self._lock:
            self._heap = [entry for entry in self._heap if entry[2] is not member]
            heapq.heapify(self._heap)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        _prefer_this_thread()
        while not self._stop.is_set():
            now = time.monotonic_ns()
            with self._lock:
                if self._heap and self._heap[0][0] <= now:
                    due, number, member = heapq.heappop(self._heap)
                    if now - due > _STALL_NS:
                        member.stalled()
                        due = now
                    member.tick(due)
                    heapq.heappush(self._heap, (due + member.interval_ns, number, member))
                    continue
                # A newcomer may be due before the present first one: never sleep through half a packet.
                wait = min(self._heap[0][0] - now, 10_000_000) if self._heap else 10_000_000
            time.sleep(wait / 1e9)


def _prefer_this_thread() -> None:
    """Where it is allowed: other programs on the machine must not delay packets, or their delay is measured as the agent's."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(12))


class ReceivingLoop:
    """Reads every socket as soon as something arrives."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="caller-rtp-receive", daemon=True)
        self._thread.start()

    def add(self, sock: socket.socket, receiver: Receiver | None) -> None:
        """``None`` reads and drops."""
        sock.setblocking(False)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        with self._lock:
            self._selector.register(sock, selectors.EVENT_READ, (receiver,))
        self._wake_write.send(b"x")

    def remove(self, sock: socket.socket) -> None:
        """After this returns the socket may be closed."""
        with self._lock:
            self._selector.unregister(sock)

    def close(self) -> None:
        self._stop = True
        self._wake_write.send(b"x")
        self._thread.join()
        self._selector.close()
        self._wake_read.close()
        self._wake_write.close()

    def _run(self) -> None:
        while not self._stop:
            for key, _ in self._selector.select(1.0):
                with self._lock:
                    if not isinstance(key.fileobj, socket.socket) or key.fileobj.fileno() < 0:
                        continue  # removed and closed between the wait and now
                    if key.data is None:
                        _drain_wake(key.fileobj)
                    else:
                        _drain(key.fileobj, key.data[0])


def _drain_wake(sock: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while sock.recv(4096):
            pass


def _drain(sock: socket.socket, receiver: Receiver | None) -> None:
    while True:
        try:
            data, ancillary, _, _ = sock.recvmsg(4096, 128)
        except BlockingIOError:
            return
        except ConnectionRefusedError:
            continue  # an ICMP message about something sent earlier
        if receiver is None:
            continue
        now, real_now = time.monotonic_ns(), time.time_ns()
        stamp = next(
            (_TIMESPEC.unpack_from(raw) for level, kind, raw in ancillary if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS)), None
        )
        if stamp is None:
            receiver.datagram(data, now, False)
        else:
            # The stamp is on the wall clock; its age is exact unless the clock was set within these microseconds.
            receiver.datagram(data, now - (real_now - (stamp[0] * 1_000_000_000 + stamp[1])), True)


class RtpThreads:
    """Both threads; one instance serves any number of sessions. Use as a context manager or ``close()`` it."""

    def __init__(self) -> None:
        self.clock = SendingClock()
        self.receiving = ReceivingLoop()

    def __enter__(self) -> "RtpThreads":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.clock.close()
        self.receiving.close()
