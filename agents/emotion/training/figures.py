"""Figures of merit and how sure they are.

AUC is that of the ROC, by ranks (Mann and Whitney), ties count half. UAR is the mean of the recalls of the classes, whatever their sizes.
Intervals are percentiles of a bootstrap over speakers: clips of one person are not independent of each other.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

ROUNDS: Final = 1000
_PERCENTILES: Final = (2.5, 97.5)
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """``low`` and ``high`` bound 95 %; NaN where nothing can be said."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "-"
        return f"{self.value:.3f}" if math.isnan(self.low) else f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"

    def plain(self) -> dict[str, float | None]:
        """For JSON, which has no NaN."""
        return {name: None if math.isnan(value) else round(value, 4) for name, value in self._parts()}

    def _parts(self) -> Sequence[tuple[str, float]]:
        return (("value", self.value), ("low", self.low), ("high", self.high))


def auc(positive: Bools, scores: Floats) -> float:
    """Probability that a positive scores above a negative; NaN when there is none of one kind."""
    many, few = int(positive.sum()), int((~positive).sum())
    if not many or not few:
        return math.nan
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[positive].sum() - many * (many + 1) / 2) / (many * few))


def uar(truth: Ints, said: Ints) -> float:
    """Over the classes that occur in ``truth``; NaN when there are fewer than two."""
    classes = np.unique(truth)
    return float(np.mean([np.mean(said[truth == each] == each) for each in classes])) if len(classes) > 1 else math.nan


def by_speaker(speakers: Sequence[str], figure: Callable[[Ints], float], *, seed: int = 0, rounds: int = ROUNDS) -> Estimate:
    """``figure`` of all rows, with its interval; it is given the rows' numbers. Fewer than two speakers give no interval."""
    names = np.asarray(speakers)
    rows: list[Ints] = [np.flatnonzero(names == name) for name in np.unique(names)]
    value = figure(np.arange(len(names)))
    if len(rows) < 2 or math.isnan(value):
        return Estimate(value, math.nan, math.nan)
    draw = np.random.default_rng(seed)
    drawn = (figure(np.concatenate([rows[one] for one in draw.integers(0, len(rows), len(rows))])) for _ in range(rounds))
    values = [each for each in drawn if not math.isnan(each)]
    if len(values) < rounds / 2:
        return Estimate(value, math.nan, math.nan)
    low, high = np.percentile(values, _PERCENTILES)
    return Estimate(value, float(low), float(high))


def roc(positive: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """False and true positive rates, rising from 0 to 1."""
    order = np.argsort(-scores, kind="stable")
    hits, ordered = positive[order], scores[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    true, false = np.cumsum(hits)[ends], np.cumsum(~hits)[ends]
    return np.concatenate(([0.0], false / max(int(false[-1]), 1))), np.concatenate(([0.0], true / max(int(true[-1]), 1)))


def best_threshold(positive: Bools, scores: Floats) -> float:
    """Where the UAR of ``scores >= threshold`` is best: the middle between two scores, of equals the middle one."""
    cuts = np.unique(scores)
    middles = (cuts[1:] + cuts[:-1]) / 2 if len(cuts) > 1 else cuts
    gains = np.asarray([np.mean(scores[positive] >= cut) - np.mean(scores[~positive] >= cut) for cut in middles])
    best = np.flatnonzero(gains >= gains.max() - 1e-12)
    return float(middles[best[len(best) // 2]])


def confusion(truth: Ints, said: Ints, classes: int) -> Ints:
    """Shape (classes, classes): rows are the truth, columns what was said."""
    found: Any = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(found, (truth, said), 1)
    return np.asarray(found)
