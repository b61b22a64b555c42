"""What counts as speech in a G.711 stream.

Level of a packet: ``10 * log10(mean(x^2) / 32768^2)`` dBov over its samples, digital silence is -100.
A packet is a *speech frame* when its level exceeds ``max(-45, noise floor + 6)`` dBov.
The noise floor counts as -30 dBov at most: louder is taken for sound (a steady tone must not pass for silence).
Noise floor: offline the 10th percentile of all packets; live the least 200 ms mean of the last 5 s, at most -60 dBov in the first second
(nobody can know yet whether that is noise or a voice).
A *talk spurt* begins with the first of 3 speech frames within 5 packets, so a click is none, and ends with its last speech frame.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ari_app.media.g711 import Law, decode

QUIET_DBOV: Final = -100.0
LEAST_DBOV: Final = -45.0
ABOVE_FLOOR_DB: Final = 6.0
_EARLY_FLOOR: Final = -60.0
_MOST_FLOOR: Final = -30.0
_SQUARES: Final[dict[Law, NDArray[np.float64]]] = {
    law: np.frombuffer(decode(bytes(range(256)), law), dtype=np.int16).astype(np.float64) ** 2 for law in ("ulaw", "alaw")
}  # fmt: skip


def level(payload: bytes, law: Law) -> float:
    """dBov of one packet; -100 for silence and for an empty payload."""
    if not payload:
        return QUIET_DBOV
    # mu-law cannot say 0 exactly in both signs: below 1e-10 of full scale is silence.
    power = float(_SQUARES[law][np.frombuffer(payload, dtype=np.uint8)].mean()) / 32768.0**2
    return float(10 * np.log10(power)) if power > 1e-10 else QUIET_DBOV


def levels_of(payloads: Sequence[bytes], laws: Sequence[Law]) -> list[float]:
    """``level`` of many packets at once: much faster, so that working out one call does not disturb another that still talks."""
    found = [QUIET_DBOV] * len(payloads)
    groups: dict[tuple[Law, int], list[int]] = {}
    for index, (payload, law) in enumerate(zip(payloads, laws, strict=True)):
        if payload:
            groups.setdefault((law, len(payload)), []).append(index)
    for (law, size), members in groups.items():
        block = np.frombuffer(b"".join(payloads[index] for index in members), dtype=np.uint8).reshape(-1, size)
        power = np.maximum(_SQUARES[law][block].mean(axis=1) / 32768.0**2, 1e-10)
        for index, value in zip(members, (10 * np.log10(power)).tolist(), strict=True):
            found[index] = value
    return found


def threshold(levels: Sequence[float]) -> float:
    """The offline threshold for a whole side of a call, in dBov."""
    floor = float(np.percentile(levels, 10)) if len(levels) else QUIET_DBOV
    return max(LEAST_DBOV, min(floor, _MOST_FLOOR) + ABOVE_FLOOR_DB)


@dataclass(frozen=True, slots=True)
class Spurt:
    """Times of the packets with the first and the last speech frame, in ns."""

    start_ns: int
    end_ns: int


def spurts(frames: Iterable[tuple[int, float]], limit_dbov: float, bridge_ms: float) -> list[Spurt]:
    """Talk spurts of ``(time in ns, level)``; pauses shorter than ``bridge_ms`` do not divide them."""
    found: list[Spurt] = []
    recent: deque[int | None] = deque(maxlen=5)
    start = end = None
    for at_ns, value in frames:
        loud = value > limit_dbov
        recent.append(at_ns if loud else None)
        if start is not None and end is not None and at_ns - end > bridge_ms * 1e6:
            found.append(Spurt(start, end))
            start = end = None
            recent.clear()
            recent.append(at_ns if loud else None)
        if not loud:
            continue
        if start is not None:
            end = at_ns
        elif len(voiced := [at for at in recent if at is not None]) >= 3:
            start, end = voiced[0], at_ns
    if start is not None and end is not None:
        found.append(Spurt(start, end))
    return found


class LiveDetector:
    """The same, packet by packet, for a caller who waits for its turn. Pure: time comes with the packets."""

    __slots__ = ("_first_ns", "_floors", "_recent", "_window", "last_speech_ns", "spurt_start_ns")

    def __init__(self) -> None:
        self._window: deque[float] = deque(maxlen=10)
        self._floors: deque[float] = deque(maxlen=250)
        self._recent: deque[int | None] = deque(maxlen=5)
        self._first_ns: int | None = None
        self.last_speech_ns: int | None = None
        """Latest speech frame that belongs to a talk spurt."""
        self.spurt_start_ns: int | None = None
        """Beginning of the latest talk spurt (a pause of 300 ms divides spurts)."""

    def step(self, at_ns: int, value: float) -> None:
        self._first_ns = at_ns if self._first_ns is None else self._first_ns
        limit = self.limit(at_ns)
        self._window.append(10 ** (value / 10))
        if len(self._window) == 10:
            self._floors.append(10 * float(np.log10(sum(self._window) / 10)))
        loud = value > limit
        self._recent.append(at_ns if loud else None)
        if not loud:
            return
        voiced = [at for at in self._recent if at is not None]
        if self.last_speech_ns is not None and at_ns - self.last_speech_ns < 300_000_000:
            self.last_speech_ns = at_ns
        elif len(voiced) >= 3:
            self.spurt_start_ns, self.last_speech_ns = voiced[0], at_ns

    def limit(self, now_ns: int) -> float:
        """Threshold that applies now, in dBov."""
        floor = min(self._floors) if self._floors else QUIET_DBOV
        if self._first_ns is None or now_ns - self._first_ns < 1_000_000_000:
            floor = min(floor, _EARLY_FLOOR)
        return max(LEAST_DBOV, min(floor, _MOST_FLOOR) + ABOVE_FLOOR_DB)
