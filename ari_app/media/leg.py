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
from ari_app.media.pulse import Pulse
from ari_app.media.receive import HOLD_S, ReceiveBuffer
from ari_app.media.rtp import HEADER, PLAIN, RtpError, parse
from ari_app.media.sequence import add32

log = logging.getLogger(__name__)

_pack = HEADER.pack
_STALLED_AFTER_S = 1.2
"""So that whoever watches has time to find out why before two seconds are over."""


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
        self.late_peak_s = 0.0
        """Of the packets since somebody set it back."""
        self._on_stalled = on_stalled
        self._buffer = ReceiveBuffer(law, HOLD_S + jitter_ms / 1000)
        # Bound once: they are called for every packet.
        self._take, self._give = bound.recv, bound.send
        self._heard, self._frame = mode.heard, mode.frame
        self._pass_through, self._count_late = self._buffer.pass_through, self.lateness.add
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

    def pulse(self, now: float) -> Pulse | None:
        """None before ``attach``."""
        if self._tick is None:
            return None
        return Pulse(now, self._sent, self._send_failed, self._buffer.statistics.received, self._buffer.quiet)

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
                # The tick knows the leg: without this the two would keep each other, and the collector is rarely run.
                self._tick = None
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
            datagram = self._take(2048)
        except BlockingIOError:
            return
        except OSError:
            # An ICMP "port unreachable" for a packet of ours; the watchdog sees a peer that is really gone.
            self._send_failed += 1
            return
        now = time.monotonic()
        payload = self._pass_through(datagram, now)
        if payload is None:
            self._receive(datagram, now)
            return
        self._heard_at = now
        if self.stalled:
            self._set_stalled(False)
        self._heard(payload, now)

    def _receive(self, datagram: bytes, now: float) -> None:
        """A datagram that is not simply the next packet."""
        try:
            packet = parse(datagram)
        except RtpError:
            self._malformed += 1
            return
        self._heard_at = now
        if self.stalled:
            self._set_stalled(False)
        for payload in self._buffer.push(packet, now):
            self._heard(payload, now)

    def _catch_up(self, now: float) -> None:
        """Hear what a gap held back, and what stands for a peer that sends nothing."""
        for payload in self._buffer.overdue(now):
            self._heard(payload, now)
        if self.mode.realtime:
            for payload in self._buffer.idle(now):
                self._heard(payload, now)

    def _run(self, tick: Tick, now: float) -> None:
        if now > self._buffer.calm_until:
            self._catch_up(now)
        frame, shift = self._frame(now)
        if frame is None:
            tick.retry(shift)
            return
        self._send(frame, tick)
        late_s = time.monotonic() - tick.deadline
        self._count_late(late_s)
        if late_s > self.late_peak_s:
            self.late_peak_s = late_s
        if shift:
            tick.shift(shift)
        if now - self._heard_at > _STALLED_AFTER_S and not self.stalled:
            self._set_stalled(True)

    def _send(self, frame: bytes, tick: Tick) -> None:
        if tick.skipped != self._skipped:
            self._timestamp = add32(self._timestamp, (tick.skipped - self._skipped) * FRAME)
            self._skipped = tick.skipped
        datagram = _pack(PLAIN, self._payload_type, self._sequence, self._timestamp, self._ssrc) + frame
        self._sequence = self._sequence + 1 & 0xFFFF
        self._timestamp = self._timestamp + FRAME & 0xFFFF_FFFF
        try:
            self._give(datagram)
            self._sent += 1
        except OSError:
            self._send_failed += 1

    def _set_stalled(self, stalled: bool) -> None:
        self.stalled = stalled
        self._stalls += stalled
        log.warning("rtp_stalled" if stalled else "rtp_resumed", extra={"call_id": self._call_id})
        self._on_stalled(stalled)
