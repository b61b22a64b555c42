"""How late packets leave: a histogram of fixed size with percentiles."""

from array import array
from typing import Final

_STEP_MS: Final = 0.1
_PER_MS: Final = 10
_BUCKETS: Final = 501
"""0 to 50 ms in steps of 0.1; the last bucket holds everything later."""


class Lateness:
    """Counts lateness; percentiles are upper bucket edges, so at most 0.1 ms too high."""

    __slots__ = ("_counts", "count", "max_ms")

    def __init__(self) -> None:
        self._counts = array("L", bytes(array("L").itemsize * _BUCKETS))
        self.count = 0
        self.max_ms = 0.0

    def add(self, late_s: float) -> None:
        """One packet that left ``late_s`` seconds after its deadline."""
        late_ms = late_s * 1000
        bucket = int(late_ms * _PER_MS) if late_ms > 0 else 0
        self._counts[bucket if bucket < _BUCKETS else _BUCKETS - 1] += 1
        self.count += 1
        if late_ms > self.max_ms:
            self.max_ms = late_ms

    def merge(self, other: "Lateness") -> None:
        """Add all that ``other`` has counted."""
        for bucket, count in enumerate(other._counts):
            if count:
                self._counts[bucket] += count
        self.count += other.count
        self.max_ms = max(self.max_ms, other.max_ms)

    def percentile(self, share: float) -> float:
        """Milliseconds that ``share`` (0 to 1) of the packets did not exceed; 0 without packets."""
        wanted = share * self.count
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if seen >= wanted and seen:
                edge = (bucket + 1) * _STEP_MS
                return self.max_ms if bucket == _BUCKETS - 1 else min(edge, self.max_ms)
        return 0.0

    def summary(self) -> dict[str, float]:
        """p50, p99 and max in milliseconds."""
        return {
            "p50_ms": round(self.percentile(0.5), 3),
            "p99_ms": round(self.percentile(0.99), 3),
            "max_ms": round(self.max_ms, 3),
        }
