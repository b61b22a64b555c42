"""The caller's end of one RTP stream: G.711 out on an absolute clock, everything that comes in kept, and ways to misbehave."""

import random
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from agents.audio import Pcm
from ari_app.caller.impaired_line import ImpairedLine, LossModel
from ari_app.caller.line_conditions import LineConditions
from ari_app.caller.packet_log import PacketLog, Received, Sent
from ari_app.caller.rtp_frames import Frame, Playback, audio_frames, key_frames
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.sip_message import SipError
from ari_app.caller.speech_level import level
from ari_app.media.g711 import LAW_OF_TYPE, PAYLOAD_TYPE, SILENCE, Law
from ari_app.media.rtp import Packet, RtpError, build, parse

_PORT_ATTEMPTS: Final = 100


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """What a bad telephone or network does. The default is a good one. Shares are 0 to 1."""

    packet_ms: int = 20
    """20 or 30."""
    change_ssrc_after_s: float | None = None
    """New SSRC, sequence and time stamp origin once, mid-call."""
    loss: float = 0.0
    reorder: float = 0.0
    """Share of packets sent after their successor."""
    silence_suppression: bool = False
    """Send nothing while there is nothing to say."""
    garbage: float = 0.0
    """Share of packets followed by a datagram of random bytes."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.packet_ms not in (20, 30):
            raise ValueError(f"packet length must be 20 or 30 ms, not {self.packet_ms}")


class RtpSession:
    """Opens its port at once; sends from ``start`` to ``close``. Methods are for the asyncio side, ``tick`` for the sending thread."""

    def __init__(
        self,
        threads: RtpThreads,
        host: str = "127.0.0.1",
        misbehaviour: Misbehaviour | None = None,
        conditions: LineConditions | None = None,
    ) -> None:
        self.log = PacketLog()
        self.misbehaviour = misbehaviour or Misbehaviour()
        self.conditions = conditions or LineConditions()
        self.interval_ns = self.misbehaviour.packet_ms * 1_000_000
        self.law: Law = "ulaw"
        self.muted = False
        """On hold: the clock runs, nothing is sent."""
        self.started_ns: int | None = None
        self._threads = threads
        self._rtp, self._rtcp = _open_pair(host)
        self.host, self.port = host, int(self._rtp.getsockname()[1])
        self._random = random.Random(self.misbehaviour.seed)  # noqa: S311 - a repeatable bad network, no secret
        self._remote: tuple[str, int] | None = None
        self._event_type: int | None = None
        self._queue: deque[Frame] = deque()
        self._queue_lock = threading.Lock()
        self._silent = True
        self._held_back: bytes | None = None
        self._ssrc = self._sequence = self._timestamp = 0
        self._new_stream()
        self._closed = self._changed = False
        self._line: ImpairedLine | None = None
        self._loss = LossModel(self.conditions.loss, self.conditions.seed) if self.conditions.loss is not None else None
        threads.receiving.add(self._rtp, self)
        threads.receiving.add(self._rtcp, None)

    def start(self, remote: tuple[str, int], law: Law, event_type: int | None) -> None:
        """Begin to send, or go on to another address after a re-INVITE."""
        self._remote, self._event_type = remote, event_type
        if self.started_ns is None and not self._closed:
            self.law, self.started_ns = law, time.monotonic_ns()
            if self.conditions.changes_audio:
                self._line = ImpairedLine(self.conditions, law, self.misbehaviour.packet_ms)
            self._threads.clock.add(self)

    def play(self, pcm: Pcm, not_before_ns: int = 0) -> Playback:
        """Queue audio: int16, 8 kHz. It, and what is queued behind it, leaves with the first packet due at ``not_before_ns`` or later."""
        playback = Playback(not_before_ns)
        return self._enqueue(list(audio_frames(pcm.tobytes(), self.law, self.misbehaviour.packet_ms, playback)), playback)

    def press(self, digits: str) -> Playback:
        """Queue key presses. SipError when the other side did not agree to take them."""
        if self._event_type is None:
            raise SipError("the other side takes no RFC 4733 digits (its SDP lacks telephone-event)")
        playback = Playback()
        return self._enqueue(list(key_frames(digits, self.law, self.misbehaviour.packet_ms, playback)), playback)

    def flush(self) -> None:
        """Fall silent at the next packet."""
        with self._queue_lock:
            dropped = {id(frame.playback): frame.playback for frame in self._queue}
            self._queue.clear()
        for playback in dropped.values():
            playback.dropped, playback.finished_ns = True, time.monotonic_ns()

    @property
    def pending_s(self) -> float:
        """Seconds of queued audio not yet sent."""
        return len(self._queue) * self.interval_ns / 1e9

    def close(self) -> None:
        """Stop sending and receiving; the log stays."""
        if self._closed:
            return
        self._closed = True
        self._threads.clock.remove(self)
        for sock in (self._rtp, self._rtcp):
            self._threads.receiving.remove(sock)
            sock.close()
        self.flush()

    def datagram(self, data: bytes, at_ns: int, from_kernel: bool) -> None:
        """Receiving thread."""
        try:
            packet = parse(data)
        except RtpError:
            self.log.unreadable += 1
            return
        if not from_kernel:
            self.log.kernel_stamps = False
        kind, sequence, timestamp, ssrc, payload, marker = packet
        self.log.received.append(Received(at_ns, sequence, timestamp, ssrc, kind, marker, payload))
        if self._line is not None and self._line.echo is not None and kind in LAW_OF_TYPE:
            self._line.echo.heard(at_ns, timestamp, ssrc, kind, payload)

    def stalled(self) -> None:
        """Sending thread: the process was stopped for a while."""
        self.log.stalls += 1

    def tick(self, due_ns: int) -> None:
        """Sending thread: one packet interval."""
        change_after = self.misbehaviour.change_ssrc_after_s
        if change_after is not None and not self._changed and due_ns - (self.started_ns or due_ns) >= change_after * 1e9:
            self._new_stream()
            self._changed = True
        with self._queue_lock:
            ready = bool(self._queue) and self._queue[0].playback.not_before_ns <= due_ns
            frame = self._queue.popleft() if ready else None
        if not self.muted:
            self._send_frame(frame, due_ns)
        self._timestamp = (self._timestamp + self.misbehaviour.packet_ms * 8) % 2**32
        if frame is not None:
            self._note(frame.playback, frame.last, time.monotonic_ns() if self.muted else self.log.sent[-1].at_ns)

    def _new_stream(self) -> None:
        self._ssrc = self._random.getrandbits(32)
        self._sequence = self._random.getrandbits(16)
        self._timestamp = self._random.getrandbits(32)

    def _enqueue(self, frames: list[Frame], playback: Playback) -> Playback:
        if self._closed or not frames:
            playback.dropped, playback.finished_ns = bool(frames), time.monotonic_ns()
            return playback
        with self._queue_lock:
            self._queue.extend(frames)
        return playback

    def _note(self, playback: Playback, last: bool, at_ns: int) -> None:
        if playback.started_ns is None:
            playback.started_ns = at_ns
        if last:
            playback.finished_ns = at_ns

    def _send_frame(self, frame: Frame | None, due_ns: int) -> None:
        if frame is None and self.misbehaviour.silence_suppression:
            self._silent = True
            return
        if frame is not None and frame.event and self._event_type is not None:
            self._send(self._event_type, frame.payload, (self._timestamp - frame.age) % 2**32, frame.first, due_ns)
        else:
            payload = frame.payload if frame is not None else SILENCE[self.law] * (self.misbehaviour.packet_ms * 8)
            clean = None
            if self._line is not None:
                clean, payload = level(payload, self.law), self._line.packet(payload, due_ns)
            marker = frame is not None and self._silent
            self._send(PAYLOAD_TYPE[self.law], payload, self._timestamp, marker, due_ns, clean)
        self._silent = False

    def _send(self, kind: int, payload: bytes, timestamp: int, marker: bool, due_ns: int, clean_dbov: float | None = None) -> None:
        bad = self.misbehaviour
        datagram = build(Packet(kind, self._sequence, timestamp, self._ssrc, payload, marker))
        lost = bad.loss > 0 and self._random.random() < bad.loss
        if self._loss is not None:
            lost = self._loss.step() or lost
        at_ns = time.monotonic_ns()
        if not lost:
            if self._held_back is None and bad.reorder > 0 and self._random.random() < bad.reorder:
                self._held_back = datagram
            else:
                self._transmit(datagram)
                if self._held_back is not None:
                    self._transmit(self._held_back)
                    self._held_back = None
        if bad.garbage > 0 and self._random.random() < bad.garbage:
            self._transmit(self._random.randbytes(self._random.randrange(1, 200)))
        self.log.sent.append(Sent(due_ns, at_ns, self._sequence, timestamp, kind, payload, lost, clean_dbov))
        self._sequence = (self._sequence + 1) % 2**16

    def _transmit(self, datagram: bytes) -> None:
        try:
            if self._remote is not None:
                self._rtp.sendto(datagram, self._remote)
        except (BlockingIOError, ConnectionRefusedError):
            return  # the network lost it


def _open_pair(host: str) -> tuple[socket.socket, socket.socket]:
    """An even port and the one after it, where the other side's RTCP goes: else it would land in a neighbour's RTP."""
    for _ in range(_PORT_ATTEMPTS):
        rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            rtp.bind((host, 0))
            port = rtp.getsockname()[1]
            if port % 2 == 0:
                rtcp.bind((host, port + 1))
                return rtp, rtcp
        except OSError:
            pass  # taken, or no such address: the last line says so
        rtp.close()
        rtcp.close()
    raise SipError(f"no free pair of UDP ports on {host} for RTP")
