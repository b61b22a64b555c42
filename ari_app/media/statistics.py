"""Reception statistics of one RTP stream, as a receiver reports them (RFC 3550, appendices A.3 and A.8)."""

from dataclasses import dataclass


@dataclass(slots=True)
class Reception:
    """Counts over the whole call; a changed SSRC begins a new stream and the counts add up."""

    received: int = 0
    duplicates: int = 0
    late: int = 0
    """Arrived after the gap had been given up, so not heard."""
    reordered: int = 0
    """Arrived behind a packet with a higher sequence number."""
    streams: int = 0
    """SSRCs seen, one after another."""
    jitter: float = 0.0
    """Interarrival jitter in timestamp units (A.8)."""

    _base: int = 0
    _highest: int = 0
    _expected_before: int = 0
    _transit: float | None = None
    _last_timestamp: int = 0
    _unwrapped: int = 0

    def start_stream(self, sequence: int) -> None:
        """A new SSRC whose first extended sequence number is ``sequence``."""
        if self.streams:
            self._expected_before += self._highest - self._base + 1
        self.streams += 1
        self._base = self._highest = sequence
        self._transit = None

    def arrived(self, sequence: int, timestamp: int, now: float, rate: int = 8000) -> None:
        """Count one packet (not a duplicate): extended sequence number, timestamp, arrival in seconds."""
        self.received += 1
        if sequence > self._highest:
            self._highest = sequence
        elif sequence < self._highest:
            self.reordered += 1
            self._base = min(self._base, sequence)
        before = self._transit
        if before is None:
            self._unwrapped = 0
            self._transit = now * rate
        else:
            # diff32, written out: every packet of every call comes here.
            self._unwrapped += (timestamp - self._last_timestamp + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
            self._transit = transit = now * rate - self._unwrapped
            self.jitter += (abs(transit - before) - self.jitter) / 16
        self._last_timestamp = timestamp

    @property
    def expected(self) -> int:
        """Packets sent to us as far as the sequence numbers tell (A.3)."""
        return self._expected_before + (self._highest - self._base + 1 if self.streams else 0)

    @property
    def lost(self) -> int:
        """Expected less received, duplicates not counted as received; never negative."""
        return max(0, self.expected - self.received)

    @property
    def jitter_ms(self) -> float:
        """Interarrival jitter in milliseconds at 8 kHz."""
        return self.jitter / 8
