"""Latency at fixed cut-in budgets, as benchmarks of end-of-turn detection report it. Pure.

Half sentences that nobody finishes tell how long the agent would have waited in each pause; finished ones tell how long it makes its
callers wait. Were all its waits shorter or longer by one factor, it would cut in on more or fewer pauses and answer sooner or later: each
factor is a point of the curve. A pause of length ``p`` is cut into when ``factor * wait < p``, for every half sentence and every length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.bench.turns.outcomes import Result, Verdict

PAUSES_MS: Final = (200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 850.0, 1000.0, 1250.0, 1500.0)
SHORT_PAUSES_MS: Final = PAUSES_MS[:6]
BUDGETS_PERCENT: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0)
FACTORS: Final = tuple(float(factor) for factor in np.round(np.geomspace(0.2, 4.0, 81), 3))


@dataclass(frozen=True, slots=True)
class Point:
    factor: float
    """1: as measured."""
    cut_in_percent: float
    p50_ms: float
    p95_ms: float


def curve(results: Sequence[Result], pauses_ms: Sequence[float] = PAUSES_MS) -> list[Point]:
    """Of the clean line; empty when one of the two kinds was not measured. A half sentence without an answer waits for ever."""
    clean = [each for each in results if each.condition == "clean"]
    gaps = np.array([each.gap_ms for each in clean if each.kind == "finished" and each.gap_ms is not None])
    halves = [each for each in clean if each.kind == "hanging" and each.verdict in (Verdict.ANSWERED, Verdict.UNANSWERED)]
    waits = np.array([np.inf if each.gap_ms is None else each.gap_ms for each in halves])
    if not len(gaps) or not len(waits):
        return []
    lengths = np.array(pauses_ms)
    points = []
    for factor in FACTORS:
        cut = float((factor * waits[:, None] < lengths[None, :]).mean())
        p50, p95 = np.percentile(gaps * factor, [50, 95])
        points.append(Point(factor, round(100 * cut, 2), round(float(p50), 1), round(float(p95), 1)))
    return points


def at_budgets(points: Sequence[Point]) -> dict[float, Point | None]:
    """The quickest point within each budget, by its budget in per cent; None: no factor is patient enough."""
    return {
        budget: min((p for p in points if p.cut_in_percent <= budget), key=lambda p: p.p50_ms, default=None) for budget in BUDGETS_PERCENT
    }
