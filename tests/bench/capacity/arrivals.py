"""How evenly packets came to many callers: figures of what ``RtpCrowd`` wrote down. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ari_app.caller.machine_stalls import Stall, disturbed

LATE_MS: Final = 20.0
_RATE: Final = 8000
_FOLLOWING: Final = 50
"""Packets, a second, of which the most punctual one says what is on time."""
_JUMP: Final = _RATE
"""Time stamp units; a bigger step, or one backwards, begins a new stream."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Packets in the order of arrival, one element each."""

    slots: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    at_ns: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    timestamps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @classmethod
    def joined(cls, parts: "list[Arrivals]") -> "Arrivals":
        if not parts:
            return cls()
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("slots", "at_ns", "timestamps")))

    def only(self, slots: Iterable[int]) -> "Arrivals":
        """The packets of these callers."""
        kept = np.isin(self.slots, list(slots))
        return Arrivals(self.slots[kept], self.at_ns[kept], self.timestamps[kept])


@dataclass(frozen=True, slots=True)
class Pacing:
    packets: int
    p50_ms: float
    p99_ms: float
    """Deviation of the distance between two packets from the time between their time stamps, over all packets of all callers."""
    worst_ms: float
    late: int
    """Packets that came more than 20 ms later than the most punctual one of the second that begins with them."""
    left_out: int = 0
    """Packets around which the machine itself stood still: how they came does not count in any figure above but ``packets``."""

    @property
    def stalled_share(self) -> float:
        """0 to 1: a machine on which this is not small is not one to take figures on."""
        return self.left_out / self.packets if self.packets else 0.0

    @property
    def late_share(self) -> float:
        """0 to 1."""
        return self.late / self.packets if self.packets else 0.0


def pacing(arrivals: Arrivals, stalls: Sequence[Stall] = ()) -> Pacing:
    """Of one window of at most some minutes; 0 everywhere for fewer than two packets. ``stalls`` of the machine on which they came."""
    order = np.lexsort((arrivals.at_ns, arrivals.slots))
    slots, at, stamps = arrivals.slots[order], arrivals.at_ns[order], arrivals.timestamps[order]
    step = (np.diff(stamps) + (1 << 31)) % (1 << 32) - (1 << 31)
    same = (np.diff(slots) == 0) & (step > 0) & (step <= _JUMP)
    stood = disturbed(at[:-1], at[1:], stalls) & same
    counts = same & ~stood
    deviations = np.abs(np.diff(at)[counts] / 1e6 - step[counts] * 1000 / _RATE)
    left_out = int(np.count_nonzero(stood))
    if not len(deviations):
        return Pacing(len(at), 0.0, 0.0, 0.0, 0, left_out)
    p50, p99 = np.percentile(deviations, (50, 99))
    late = _late(at, np.where(same, step, 0), np.concatenate([[True], ~same]), np.concatenate([[False], stood]))
    return Pacing(len(at), round(float(p50), 3), round(float(p99), 3), round(float(deviations.max()), 2), late, left_out)


def _late(at: NDArray[np.int64], step: NDArray[np.int64], begins: NDArray[np.bool_], excused: NDArray[np.bool_]) -> int:
    """``begins``: where another stream begins."""
    due = np.concatenate([[0], np.cumsum(step)]) * (1e9 / _RATE)
    transit = (at - at.min()) - due
    starts = np.flatnonzero(begins)
    streams = zip(np.split(transit, starts[1:]), np.split(excused, starts[1:]), strict=True)
    return sum(int(np.count_nonzero(_late_in(stream) & ~not_counted)) for stream, not_counted in streams)


def _late_in(transit: NDArray[np.float64]) -> NDArray[np.bool_]:
    # A second of silence that the time stamps do not count moves all that follows: later packets tell what is on time, not earlier ones.
    padded = np.concatenate([transit, np.full(_FOLLOWING - 1, np.inf)])
    best = np.lib.stride_tricks.sliding_window_view(padded, _FOLLOWING).min(axis=1)
    late: NDArray[np.bool_] = transit - best > LATE_MS * 1e6
    return late
