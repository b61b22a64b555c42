"""The RTP of hundreds of callers in one thread: a clock of 5 ms, one system call for all packets of a step, numpy for the rest."""

import contextlib
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ari_app.caller.machine_stalls import Stall, StallWatch
from ari_app.media.g711 import FRAME, RATE, SILENCE
from tests.bench.capacity.arrivals import Arrivals
from tests.bench.capacity.mmsg import BatchSocket, Datagrams
from tests.bench.capacity.talk import LOUD, Frames, Slots, Talk, decoded, powers

_PHASES: Final = 4
_STEP_NS: Final = 5_000_000
_PER_SOCKET: Final = 64
_HEADER: Final = np.dtype([("first", "u1"), ("kind", "u1"), ("sequence", ">u2"), ("timestamp", ">u4"), ("ssrc", ">u4")])
_PACKET: Final = _HEADER.itemsize + FRAME
_BEHIND_NS: Final = 200_000_000


@dataclass(frozen=True, slots=True)
class OwnTime:
    """What the callers themselves cost, and how punctual they were: a late caller would be measured as a late agent."""

    cpu_s: float
    late_p99_ms: float
    late_worst_ms: float
    sent: int


class RtpCrowd:
    """``size`` slots; a slot is a caller from ``attach`` to ``detach``. Methods may be called from any thread but the crowd's own."""

    def __init__(self, size: int, clips: Sequence[Frames], host: str = "127.0.0.1", seed: int = 1) -> None:
        self.size = size
        self.host = host
        self.talk = Talk(size, clips, seed)
        self._machine = StallWatch()
        self._sockets = [BatchSocket(host) for _ in range(-(-size // _PER_SOCKET))]
        self._slot_of = [np.full(65536, -1, dtype=np.int64) for _ in self._sockets]
        self._ports = np.zeros(size, dtype=np.int64)
        self._hosts: dict[int, str] = {}
        self._sequence = np.arange(size, dtype=np.int64) * 37
        self._timestamp = np.arange(size, dtype=np.int64) * 90_000
        self._last = np.full((size, FRAME), SILENCE["ulaw"][0], dtype=np.uint8)
        self._members: list[list[Slots]] = []
        self._lock = threading.Lock()
        self._arrived: list[Arrivals] = []
        self._lateness: list[int] = []
        self._sent = 0
        self._cpu_s = 0.0
        self._stop = threading.Event()
        self._regroup()
        self._thread = threading.Thread(target=self._run, name="crowd", daemon=True)
        self._thread.start()

    def __enter__(self) -> "RtpCrowd":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        for each in self._sockets:
            each.close()
        self._machine.close()

    @property
    def stalls(self) -> list[Stall]:
        """Of the machine, since the crowd is there."""
        return self._machine.stalls

    def port(self, slot: int) -> int:
        """Where this caller receives: the same one as that of other callers, who are told apart by where packets come from."""
        return self._sockets[slot // _PER_SOCKET].port

    def attach(self, slot: int, host: str, port: int, *, talkative: bool = True) -> None:
        """Send to there from now on, and listen to what comes from there; again after a re-INVITE."""
        with self._lock:
            table = self._slot_of[slot // _PER_SOCKET]
            known = self._ports[slot]
            if known:
                table[known] = -1
            else:
                self._last[slot] = SILENCE["ulaw"][0]
                self.talk.join(slot, time.monotonic_ns(), talkative=talkative)
            table[port], self._ports[slot], self._hosts[slot // _PER_SOCKET] = slot, port, host
            self._regroup()

    def detach(self, slot: int) -> None:
        """Silent at once; twice is once."""
        with self._lock:
            if self._ports[slot]:
                table = self._slot_of[slot // _PER_SOCKET]
                if table[self._ports[slot]] == slot:
                    table[self._ports[slot]] = -1
                self._ports[slot] = 0
                self.talk.leave(slot)
                self._regroup()

    def tone(self, slot: int, hertz: float) -> float:
        """Share of the power that is at ``hertz`` in the last packet with sound; 0 when there was none."""
        samples = decoded(self._last[slot])
        power = float(np.dot(samples, samples))
        if not power:
            return 0.0
        wave = np.exp(-2j * np.pi * hertz / RATE * np.arange(FRAME))
        return float(2 * abs(np.dot(samples, wave)) ** 2 / FRAME / power)

    def take(self) -> tuple[Arrivals, list[tuple[int, float]], OwnTime]:
        """Packets, response gaps in ms by slot, and our own costs, all since the last call."""
        with self._lock:
            arrived, self._arrived = self._arrived, []
            lateness, self._lateness = self._lateness, []
            gaps = self.talk.take_gaps_ms()
            own = OwnTime(self._cpu_s, *_lateness_of(lateness), self._sent)
            self._cpu_s, self._sent = 0.0, 0
        return Arrivals.joined(arrived), gaps, own

    def _regroup(self) -> None:
        """Who sends in which step, by socket."""
        live = np.flatnonzero(self._ports)
        self._members = [
            [live[(live % _PHASES == phase) & (live // _PER_SOCKET == number)] for number in range(len(self._sockets))]
            for phase in range(_PHASES)
        ]

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # where it is allowed: other programs' delays must not be measured as the agent's
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
        due, count = time.monotonic_ns(), 0
        while not self._stop.is_set():
            due, count = due + _STEP_NS, count + 1
            wait = due - time.monotonic_ns()
            if wait > 0:
                time.sleep(wait / 1e9)
            elif wait < -_BEHIND_NS:
                due = time.monotonic_ns()
            began = time.thread_time()
            with self._lock:
                self._send(count % _PHASES, time.monotonic_ns())
                self._lateness.append(time.monotonic_ns() - due)
                for number, each in enumerate(self._sockets):
                    while (datagrams := each.receive()) is not None:
                        self._heard(self._slot_of[number], datagrams)
                self._cpu_s += time.thread_time() - began

    def _send(self, phase: int, now: int) -> None:
        for number, slots in enumerate(self._members[phase]):
            if not len(slots):
                continue
            rows = np.empty((len(slots), _PACKET), dtype=np.uint8)
            header = np.zeros(len(slots), dtype=_HEADER)
            header["first"], header["ssrc"] = 0x80, slots + 1
            header["sequence"], header["timestamp"] = self._sequence[slots] % 65536, self._timestamp[slots] % (1 << 32)
            rows[:, : _HEADER.itemsize] = header.view(np.uint8).reshape(len(slots), -1)
            rows[:, _HEADER.itemsize :] = self.talk.payloads(slots, now)
            self._sent += self._sockets[number].send(rows, self._ports[slots], self._hosts.get(number))
            self._sequence[slots] += 1
            self._timestamp[slots] += FRAME

    def _heard(self, table: Slots, datagrams: Datagrams) -> None:
        slots = table[datagrams.ports]
        kept = (slots >= 0) & (datagrams.lengths == _PACKET) & (datagrams.data[:, 1] & 0x7F == 0)
        slots, at = slots[kept], datagrams.at_ns[kept]
        data: NDArray[np.uint8] = datagrams.data[kept]
        stamps = np.ascontiguousarray(data[:, 4:8]).view(">u4").reshape(-1).astype(np.int64)
        self._arrived.append(Arrivals(slots, at, stamps))
        payloads = data[:, _HEADER.itemsize : _PACKET]
        power = powers(payloads)
        loud = power > LOUD
        self._last[slots[loud]] = payloads[loud]
        self.talk.heard(slots, at, power)


def _lateness_of(lateness_ns: list[int]) -> tuple[float, float]:
    if not lateness_ns:
        return 0.0, 0.0
    return round(float(np.percentile(lateness_ns, 99)) / 1e6, 3), round(max(lateness_ns) / 1e6, 3)
