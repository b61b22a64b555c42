"""The receive buffer: packets as they come in, audio in order out.

In-order packets pass at once. A gap holds what is behind it until the missing packet comes or ``hold_s`` is over; then the gap is
concealed. Nothing is kept longer, so the line can never lag. When a peer stops sending (mute, silence suppression, a dead network),
``idle`` gives comfort noise or silence in real time, so that whoever listens hears that the voice has ended.
"""

from typing import Final

from ari_app.media import noise
from ari_app.media.conceal import conceal
from ari_app.media.g711 import FRAME, LAW_OF_TYPE, PAYLOAD_TYPE, RATE, Law, transcode
from ari_app.media.rtp import COMFORT_NOISE, HEADER, PLAIN, Packet
from ari_app.media.sequence import diff32, extend16
from ari_app.media.statistics import Reception

HOLD_S: Final = 0.04
"""Default wait for a missing packet, in seconds."""
_IDLE_AFTER_S: Final = 0.06
_LONGEST_GAP: Final = RATE
"""Samples; a longer hole in the timestamps is a pause of the sender and not loss."""
_RESTART: Final = 500
"""Sequence numbers; a bigger jump is a restarted sender."""
_MOST_HELD: Final = 50
_HEADER_BYTES: Final = HEADER.size
_CALM_S: Final = 2 * FRAME / RATE
"""For so long after an in-order packet neither ``overdue`` nor ``idle`` has anything to say."""
_unpack: Final = HEADER.unpack_from


class ReceiveBuffer:
    """Pure: times are arguments (seconds, monotonic), audio comes out as bytes of ``law``."""

    def __init__(self, law: Law, hold_s: float = HOLD_S) -> None:
        self.statistics = Reception()
        self.concealed = 0
        """Samples made up for lost packets."""
        self.ignored = 0
        """Packets of an unknown payload type (telephone events, for one) that carry no audio for us."""
        self.calm_until = -1.0
        """``overdue`` and ``idle`` need not be asked before."""
        self._law = law
        self._plain_type = PAYLOAD_TYPE[law]
        self._hold_s = hold_s
        self._ssrc: int | None = None
        self._next = 0
        self._timestamp: int | None = None
        self._held: dict[int, Packet] = {}
        self._given_up: set[int] = set()
        self._give_up_at = 0.0
        self._last = b""
        self._delivered_at: float | None = None
        self._idle_samples = 0
        self._idle_frames = 0
        self._noise: int | None = None

    @property
    def quiet(self) -> bool:
        """The last packet was comfort noise: the peer sends no more until somebody speaks, and says so."""
        return self._noise is not None

    def pass_through(self, datagram: bytes, now: float) -> bytes | None:
        """The audio of a datagram as nearly all are: the next one, of the leg's own law, while nothing is held.

        None, and nothing done, for every other: ``parse`` and ``push`` it. Does what these do, at a quarter of the price.
        """
        if len(datagram) <= _HEADER_BYTES or self._held:
            return None
        first, second, sequence, timestamp, ssrc = _unpack(datagram)
        number = self._next
        if first != PLAIN or second != self._plain_type or ssrc != self._ssrc or sequence != number & 0xFFFF:
            return None
        self.statistics.arrived(number, timestamp, now)
        self._next = number + 1
        self._delivered_at = now
        self.calm_until = now + _CALM_S
        self._idle_samples = 0
        self._noise = None
        self._last = payload = datagram[_HEADER_BYTES:]
        self._timestamp = timestamp + len(payload) & 0xFFFF_FFFF
        return payload

    def push(self, packet: Packet, now: float) -> list[bytes]:
        """Take one packet; the audio that is in order now, possibly none."""
        self.calm_until = -1.0
        if packet.ssrc != self._ssrc:
            return self._restart(packet, now)
        number = extend16(packet.sequence, self._next)
        if abs(number - self._next) > _RESTART:
            return self._restart(packet, now)
        if number in self._held:
            self.statistics.duplicates += 1
            return []
        if number < self._next:
            self._count_behind(number, packet, now)
            return []
        self.statistics.arrived(number, packet.timestamp, now)
        return self._accept(number, packet, now)

    def overdue(self, now: float) -> list[bytes]:
        """To be called about every 20 ms: what a gap held back, concealment first, once its time is over."""
        return self._give_up(now) if self._held and now >= self._give_up_at else []

    def idle(self, now: float) -> list[bytes]:
        """To be called about every 20 ms by who needs audio in real time: stands in for a peer that sends nothing."""
        if self._held or self._delivered_at is None or now - self._delivered_at < FRAME / RATE:
            return []
        patience = _IDLE_AFTER_S if self._noise is None else FRAME / RATE
        out: list[bytes] = []
        while now - self._delivered_at - self._idle_samples / RATE > patience + FRAME / RATE:
            if now - self._delivered_at > patience + 1 and not out:
                # A late caller of this method owes no more than a second of silence.
                self._idle_samples = max(self._idle_samples, int((now - self._delivered_at - patience - 1) * RATE))
            out.append(noise.frame(self._noise, self._law, self._idle_frames))
            self._idle_frames += 1
            self._idle_samples += FRAME
        return out

    def _restart(self, packet: Packet, now: float) -> list[bytes]:
        """A new SSRC, or the same one with new numbers: what is held goes out first, then the new stream begins."""
        out = self._drain_all(now)
        self._ssrc = packet.ssrc
        self._next = packet.sequence
        self._given_up.clear()
        self._timestamp = None
        self.statistics.start_stream(packet.sequence)
        self.statistics.arrived(packet.sequence, packet.timestamp, now)
        return out + self._accept(packet.sequence, packet, now)

    def _count_behind(self, number: int, packet: Packet, now: float) -> None:
        if number in self._given_up:
            self._given_up.discard(number)
            self.statistics.late += 1
            self.statistics.arrived(number, packet.timestamp, now)
        else:
            self.statistics.duplicates += 1

    def _accept(self, number: int, packet: Packet, now: float) -> list[bytes]:
        if number == self._next:
            out = self._deliver(packet, now)
            return out + self._deliver_held(now)
        if not self._held:
            self._give_up_at = now + self._hold_s
        self._held[number] = packet
        if now >= self._give_up_at or len(self._held) > _MOST_HELD:
            return self._give_up(now)
        return []

    def _deliver_held(self, now: float) -> list[bytes]:
        out: list[bytes] = []
        while self._next in self._held:
            out += self._deliver(self._held.pop(self._next), now)
        if self._held:
            self._give_up_at = now + self._hold_s
        return out

    def _drain_all(self, now: float) -> list[bytes]:
        out: list[bytes] = []
        while self._held:
            out += self._give_up(now)
        return out

    def _give_up(self, now: float) -> list[bytes]:
        """Conceal up to the first packet held and go on from there."""
        first = min(self._held)
        self._given_up.update(range(self._next, first))
        if len(self._given_up) > 2 * _RESTART:
            self._given_up = {number for number in self._given_up if number > first - _RESTART}
        out = self._conceal(self._held[first])
        self._next = first
        return out + self._deliver_held(now)

    def _conceal(self, following: Packet) -> list[bytes]:
        if self._timestamp is None:
            return []
        missing = diff32(following.timestamp, self._timestamp) - self._idle_samples
        if not 0 < missing <= _LONGEST_GAP:
            return []
        self.concealed += missing
        return [conceal(self._last, self._law, missing)]

    def _deliver(self, packet: Packet, now: float) -> list[bytes]:
        self._next += 1
        self._delivered_at = now
        self._idle_samples = 0
        if packet.payload_type == COMFORT_NOISE:
            self._noise = noise.level_of(packet.payload)
            self._timestamp = packet.timestamp
            return []
        law = LAW_OF_TYPE.get(packet.payload_type)
        if law is None:
            self.ignored += 1
            return []
        self._timestamp = (packet.timestamp + len(packet.payload)) % (1 << 32)
        if not packet.payload:
            return []
        self._noise = None
        self._last = transcode(packet.payload, law, self._law)
        return [self._last]
