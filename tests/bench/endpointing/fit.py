"""Fits the weights of the end-of-turn judge on the half of the material that is not reported.

Run with: python -m tests.bench.endpointing.fit. Writes agents/endpointing/weights/en.json; the same material gives the same weights.
"""

import asyncio
import hashlib
import json
from collections import Counter
from typing import Final

import numpy as np

from agents.endpointing import melody
from agents.endpointing.model import FOLDER
from agents.turns.events import Expected
from tests.bench.endpointing.collect import collect
from tests.bench.endpointing.material import Sample, audio_of
from tests.bench.endpointing.rows import Matrix, importances, rows
from tests.bench.speech import say

L2: Final = 200.0
"""Ridge penalty on standardised weights."""
MELODY_L2: Final = 1000.0
"""That of the melody: how much it tells differs from voice to voice, and the few voices at hand must not speak for all."""
FOLDS: Final = 5


def penalties(names: list[str], samples: list[Sample]) -> Matrix:
    of_melody = melody.features(audio_of("fit", samples[0])).keys()
    return np.array([MELODY_L2 if name in of_melody else L2 for name in names])


def fitted(table: Matrix, finished: Matrix, importance: Matrix, penalty: Matrix) -> tuple[Matrix, float]:
    """Weights and bias of penalised logistic regression, by iteratively reweighted least squares."""
    mean, spread = table.mean(axis=0), table.std(axis=0)
    spread[spread < 1e-6] = np.inf
    scaled = np.column_stack([(table - mean) / spread, np.ones(len(table))])
    ridge = np.append(penalty, 1e-6)
    weights = np.zeros(scaled.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-scaled @ weights))
        curvature = importance * p * (1 - p) + 1e-9
        gradient = scaled.T @ (importance * (finished - p)) - ridge * weights
        step = np.linalg.solve((scaled * curvature[:, None]).T @ scaled + np.diag(ridge), gradient)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    plain = weights[:-1] / spread
    return plain, float(weights[-1] - plain @ mean)


def fold_of(sample: Sample) -> int:
    """By sentence, so that none is judged by a model that has seen it."""
    return hashlib.sha256(sample.whole.encode()).digest()[0] % FOLDS


def unseen_odds(samples: list[Sample], table: Matrix, finished: Matrix, importance: Matrix, penalty: Matrix) -> Matrix:
    """Log odds of each row by a model fitted without its voice and without its sentence."""
    folds, voices = np.array([fold_of(sample) for sample in samples]), np.array([sample.voice for sample in samples])
    odds = np.zeros(len(samples))
    for voice in np.unique(voices):
        for fold in range(FOLDS):
            known = (voices != voice) & (folds != fold)
            asked = (voices == voice) & (folds == fold)
            weights, bias = fitted(table[known], finished[known], importance[known], penalty)
            odds[asked] = table[asked] @ weights + bias
    return odds


def threshold(odds: Matrix, finished: Matrix, importance: Matrix, budget: float) -> tuple[float, float]:
    """Log odds above which ``budget`` of the inner pauses lie, and the share of finished turns above."""
    inner, order = finished == 0, np.argsort(-odds)
    passed = np.cumsum((importance * inner)[order]) / (importance * inner).sum()
    at = min(len(order) - 1, int(np.searchsorted(passed, budget)))
    level = float(odds[order[at]])
    ends = importance * (finished == 1)
    return level, float(ends[odds > level].sum() / ends.sum())


async def main() -> None:
    table_rows = rows(await collect("fit"))
    samples = [sample for sample, _ in table_rows]
    seen = Counter(name for _, found in table_rows for name in found)
    names = sorted(name for name, count in seen.items() if count >= 15)
    table = np.array([[found.get(name, 0.0) for name in names] for _, found in table_rows])
    finished = np.array([float(sample.finished) for sample in samples])
    importance, penalty = importances(samples), penalties(names, samples)
    odds = unseen_odds(samples, table, finished, importance, penalty)
    spoken = np.array([sample.asked_for is not Expected.DIGITS and sample.kind not in ("phrase", "invented") for sample in samples])
    say(f"{len(samples)} rows, {len(names)} features; by models that knew neither the sentence nor the voice, numbers and phrases apart:")
    for budget in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8):
        level, share = threshold(odds[spoken], finished[spoken], importance[spoken], budget)
        say(f"  {100 * budget:3.0f} % of inner pauses above P {1 / (1 + np.exp(-level)):.3f}: {100 * share:.1f} % of ends above")
    weights, bias = fitted(table, finished, importance, penalty)
    FOLDER.mkdir(exist_ok=True)
    kept = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True) if abs(weight) >= 5e-5}
    (FOLDER / "en.json").write_text(json.dumps({"bias": round(bias, 4), "weights": kept}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
