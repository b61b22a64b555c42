"""One step of a ramp: what it measured, and whether it was still good. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from tests.bench.capacity.arrivals import Pacing
from tests.bench.capacity.rtp_crowd import OwnTime
from tests.bench.capacity.usage import Use, calls_per_core, kinds

GAP_TIMES: Final = 1.5
GAP_MOST_MS: Final = 1000.0
PACING_P99_MS: Final = 5.0
LATE_SHARE: Final = 0.001


@dataclass(frozen=True, slots=True)
class Step:
    """Figures at the callers' RTP, and what the processes used."""

    calls: int
    """Wanted at once."""
    live: int
    """There at the end of the step."""
    failed: int
    """Not answered, or ended by the other side."""
    turns: int
    gap_p50_ms: float | None
    gap_p95_ms: float | None
    unanswered: int
    pacing_p50_ms: float
    pacing_p99_ms: float
    pacing_worst_ms: float
    late_share: float
    stalled_share: float
    """Packets that count in none of these three, since the machine itself stood still."""
    packets: int
    cores: Mapping[str, float]
    calls_per_core: Mapping[str, float | None]
    memory_mb: Mapping[str, float]
    callers_cores: float
    """What the callers themselves used."""
    callers_late_p99_ms: float
    speech: Mapping[str, float] = field(default_factory=dict)
    """What the recogniser and the voice burnt, in cores."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def made(
    calls: int, live: int, failed: int, gaps: Sequence[float], unanswered: int, pace: Pacing, use: Use, own: OwnTime, callers_s: float,
    speech: Mapping[str, float],
) -> Step:  # fmt: skip
    """``callers_s``: processor time of the callers' whole process in the window; ``speech``: seconds burnt in it."""
    p50, p95 = np.percentile(gaps, (50, 95)) if len(gaps) else (None, None)
    return Step(
        calls=calls,
        live=live,
        failed=failed,
        turns=len(gaps),
        gap_p50_ms=None if p50 is None else round(float(p50), 1),
        gap_p95_ms=None if p95 is None else round(float(p95), 1),
        unanswered=unanswered,
        pacing_p50_ms=pace.p50_ms,
        pacing_p99_ms=pace.p99_ms,
        pacing_worst_ms=pace.worst_ms,
        late_share=round(pace.late_share, 6),
        stalled_share=round(pace.stalled_share, 4),
        packets=pace.packets,
        cores=dict(use.cores),
        calls_per_core={kind: calls_per_core(use.cores[kind], live) for kind in kinds(use)},
        memory_mb=dict(use.memory_mb),
        callers_cores=round(callers_s / use.seconds, 4),
        callers_late_p99_ms=own.late_p99_ms,
        speech={name: round(seconds / use.seconds, 4) for name, seconds in speech.items()},
    )


def broken(step: Step, one_call_p95_ms: float | None) -> list[str]:
    """Why this step is beyond what can be carried; empty when it is not."""
    found = []
    if step.failed or step.live < step.calls:
        found.append(f"{step.failed} calls failed, {step.live} of {step.calls} are there")
    if step.gap_p95_ms is None:
        found.append("nobody was answered")
    elif step.gap_p95_ms > GAP_MOST_MS:
        found.append(f"p95 response gap {step.gap_p95_ms:.0f} ms is above {GAP_MOST_MS:.0f} ms")
    elif one_call_p95_ms is not None and step.gap_p95_ms > GAP_TIMES * one_call_p95_ms:
        found.append(f"p95 response gap {step.gap_p95_ms:.0f} ms is above {GAP_TIMES:g} times that of one call, {one_call_p95_ms:.0f} ms")
    return found + pacing_broken(step.pacing_p99_ms, step.late_share)


def pacing_broken(p99_ms: float, late_share: float) -> list[str]:
    found = []
    if p99_ms > PACING_P99_MS:
        found.append(f"pacing p99 {p99_ms:.1f} ms is above {PACING_P99_MS:g} ms")
    if late_share > LATE_SHARE:
        found.append(f"{late_share:.2%} of the packets are more than 20 ms late, above {LATE_SHARE:.1%}")
    return found
