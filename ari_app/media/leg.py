"""One RTP leg towards Asterisk: a socket, a receive buffer, a place on the packet clock, and a mode that uses the audio."""

import logging
import secrets
import socket
import time
from collections.abc import Callable

from agents.transcript import JsonValue
from ari_app.media.g711 import FRAME, PAYLOAD_TYPE, Law
from ari_app.media.lateness import Lateness
from ari_app.media.modes import Mode
from ari_app.media.pacer import Schedule, Tick
from ari_app.media.poller import Poller
from ari_app.media.receive import HOLD_S, ReceiveBuffer
from ari_app.media.rtp import Packet, RtpError, build, parse
from ari_app.media.sequence import add16, add32

log = logging.getLogger(__name__)

_STALLED_AFTER_S = 2.0


class Leg:
    """Sends from ``attach`` on, 20 ms a packet without a pause; accepts packets only from the address it is attached to."""

    def __init__(
        self,
        call_id: str,
        law: Law,
        bound: socket.socket,
        schedule: Schedule,
        poller: Poller,
        mode: Mode,
        *,
        jitter_ms: int = 0,
        on_stalled: Callable[[bool], None],
    ) -> None:
        self.mode = mode
        self.stalled = False
        self._call_id = call_id
        self._payload_type = PAYLOAD_TYPE[law]
        self._socket = bound
        self._schedule = schedule
        self._poller = poller
        self.lateness = Lateness()
        self._on_stalled = on_stalled
        self._buffer = ReceiveBuffer(law, HOLD_S + jitter_ms / 1000)
        self._tick: Tick | None = None
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(32)
        self._skipped = 0
        self._sent = self._malformed = self._send_failed = self._stalls = 0
        self._heard_at = 0.0
        self._closed = False

    @property
    def packets(self) -> tuple[int, int]:
        """Packets sent and received."""
        return self._sent, self._buffer.statistics.received

    def attach(self, host: str, port: int) -> None:
        """Talk with ``host`` (a numeric address) and ``port`` from now on; a second call changes the peer.

        Raises:
            OSError: the address cannot be reached from our host.
            ValueError: it is no numeric address or port.
        """
        socket.inet_aton(host)
        if not 0 < port < 65536:
            raise ValueError(f"{port} is no UDP port")
        self._socket.connect((host, port))
        self._discard_queued()
        self._heard_at = time.monotonic()
        if self._tick is None:
            self._poller.add(self._socket, self._readable)
            self._tick = self._schedule.add(time.monotonic(), self._run)

    def close(self) -> dict[str, JsonValue]:
        """Stop at once; the statistics. The socket stays with its owner."""
        if not self._closed:
            self._closed = True
            if self._tick is not None:
                self._poller.remove(self._socket)
                self._schedule.remove(self._tick)
            self.mode.close(time.monotonic())
        return self.statistics()

    def statistics(self) -> dict[str, JsonValue]:
        """Counts of packets, milliseconds of time."""
        reception = self._buffer.statistics
        late = self.lateness.summary()
        return {
            "sent": self._sent,
            "received": reception.received,
            "expected": reception.expected,
            "lost": reception.lost,
            "duplicates": reception.duplicates,
            "late": reception.late,
            "reordered": reception.reordered,
            "streams": reception.streams,
            "jitter_ms": round(reception.jitter_ms, 2),
            "concealed_ms": self._buffer.concealed // 8,
            "ignored": self._buffer.ignored,
            "malformed": self._malformed,
            "send_failed": self._send_failed,
            "skipped": self._skipped,
            "lateness_p99_ms": late["p99_ms"],
            "lateness_max_ms": late["max_ms"],
            "no_rtp": reception.received == 0,
            "stalled": self.stalled,
            "stalls": self._stalls,
            **self.mode.statistics(),
        }

    def _discard_queued(self) -> None:
        """Datagrams from before the peer was known may be anybody's."""
        while True:
            try:
                self._socket.recv(2048)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue

    def _readable(self) -> None:
        try:
            datagram = self._socket.recv(2048)
        except BlockingIOError:
            return
        except OSError:
            # An ICMP "port unreachable" for a packet of ours; the watchdog sees a peer that is really gone.
            self._send_failed += 1
            return
        self._receive(datagram)

    def _receive(self, datagram: bytes) -> None:
        try:
            packet = parse(datagram)
        except RtpError:
            self._malformed += 1
            return
        now = time.monotonic()
        self._heard_at = now
        if self.stalled:
            self._set_stalled(False)
        for payload in self._buffer.push(packet, now):
            self.mode.heard(payload, now)

    def _run(self, tick: Tick, now: float) -> None:
        for payload in self._buffer.overdue(now):
            self.mode.heard(payload, now)
        if self.mode.realtime:
            for payload in self._buffer.idle(now):
                self.mode.heard(payload, now)
        frame, shift = self.mode.frame(now)
        if frame is None:
            tick.retry(shift)
            return
        self._send(frame, tick)
        self.lateness.add(time.monotonic() - tick.deadline)
        tick.shift(shift)
        if not self.stalled and now - self._heard_at > _STALLED_AFTER_S:
            self._set_stalled(True)

    def _send(self, frame: bytes, tick: Tick) -> None:
        if tick.skipped != self._skipped:
            self._timestamp = add32(self._timestamp, (tick.skipped - self._skipped) * FRAME)
            self._skipped = tick.skipped
        datagram = build(Packet(self._payload_type, self._sequence, self._timestamp, self._ssrc, frame))
        self._sequence = add16(self._sequence, 1)
        self._timestamp = add32(self._timestamp, FRAME)
        try:
            self._socket.send(datagram)
            self._sent += 1
        except OSError:
            self._send_failed += 1

    def _set_stalled(self, stalled: bool) -> None:
        self.stalled = stalled
        self._stalls += stalled
        log.warning("rtp_stalled" if stalled else "rtp_resumed", extra={"call_id": self._call_id})
        self._on_stalled(stalled)
