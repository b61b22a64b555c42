"""Fits the trees of the end-of-turn judge on the half of the material that is not reported.

Run with: python -m tests.bench.endpointing.fit, after fit_words. Writes agents/endpointing/weights/en.json; the same material gives the
same trees.
"""

import argparse
import asyncio
import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from agents.endpointing.model import FOLDER, model
from agents.endpointing.waits import BROKEN, SURE
from tests.bench.endpointing.collect import collect
from tests.bench.endpointing.material import Sample
from tests.bench.endpointing.rows import Matrix, importances, rows
from tests.bench.speech import say

TREES: Final = 200
LEAVES: Final = 12
PACE: Final = 0.05
"""Share of its best value that each tree adds."""
LEAST_ROWS: Final = 40
"""In a leaf."""
ROWS: Final = 0.6
"""Share of the rows that a tree sees; of the features, FEATURES at each split: the few voices at hand must not speak for all."""
FEATURES: Final = 0.2
FOLDS: Final = 5
LEAST_SEEN: Final = 15
"""Rows that must have a feature."""


def fitted(table: Matrix, finished: Matrix, importance: Matrix) -> GradientBoostingClassifier:
    booster = GradientBoostingClassifier(
        n_estimators=TREES,
        learning_rate=PACE,
        max_leaf_nodes=LEAVES,
        max_depth=None,
        min_samples_leaf=LEAST_ROWS,
        subsample=ROWS,
        max_features=FEATURES,
        random_state=0,
    )
    return booster.fit(table, finished, sample_weight=importance)


def exported(booster: GradientBoostingClassifier, names: Sequence[str]) -> dict[str, Any]:
    """As ``agents.endpointing.model`` reads it."""
    base = float(booster.init_.class_prior_[1])
    trees = [_exported(booster.estimators_[row, 0].tree_, names) for row in range(len(booster.estimators_))]
    return {"base": round(math.log(base / (1 - base)), 5), "trees": trees}


def _exported(tree: Any, names: Sequence[str]) -> dict[str, Any]:
    inner = [node for node in range(tree.node_count) if tree.children_left[node] >= 0]
    outer = [node for node in range(tree.node_count) if tree.children_left[node] < 0]
    place = {node: number for number, node in enumerate(inner)} | {node: -1 - number for number, node in enumerate(outer)}
    splits = [
        [
            names[tree.feature[node]],
            round(float(tree.threshold[node]), 9),
            place[tree.children_left[node]],
            place[tree.children_right[node]],
        ]
        for node in inner
    ]
    return {"splits": splits, "leaves": [round(PACE * float(tree.value[node, 0, 0]), 5) for node in outer]}


def fold_of(sample: Sample) -> int:
    """By sentence, so that none is judged by a model that has seen it."""
    return hashlib.sha256(sample.whole.encode()).digest()[0] % FOLDS


def unseen_odds(samples: list[Sample], table: Matrix, finished: Matrix, importance: Matrix) -> Matrix:
    """Log odds of each row by a model fitted without its voice and without its sentence."""
    folds, voices = np.array([fold_of(sample) for sample in samples]), np.array([sample.voice for sample in samples])
    odds = np.zeros(len(samples))
    for voice in np.unique(voices):
        for fold in range(FOLDS):
            known = (voices != voice) & (folds != fold)
            asked = (voices == voice) & (folds == fold)
            if asked.any():
                booster = fitted(table[known], finished[known], importance[known])
                odds[asked] = booster.decision_function(table[asked])
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
    parser = argparse.ArgumentParser(description="Fits the trees of the end-of-turn judge.")
    parser.add_argument(
        "--unseen", action="store_true", help="tell first how models do that knew neither sentence nor voice (some minutes)"
    )
    asked = parser.parse_args()
    table_rows = rows(await collect("fit"))
    samples = [sample for sample, _ in table_rows]
    seen = Counter(name for _, found in table_rows for name in found)
    names = sorted(name for name, count in seen.items() if count >= LEAST_SEEN)
    table = np.array([[found.get(name, 0.0) for name in names] for _, found in table_rows])
    finished = np.array([float(sample.finished) for sample in samples])
    importance = importances(samples)
    say(f"{len(samples)} rows, {len(names)} features")
    if asked.unseen:
        odds = unseen_odds(samples, table, finished, importance)
        for source in ("synthetic", "prompts"):
            chosen = np.array([sample.source == source and sample.kind != "phrase" for sample in samples])
            for budget in (0.02, 0.05, 0.1, 0.2):
                level, share = threshold(odds[chosen], finished[chosen], importance[chosen], budget)
                told = f"{100 * share:.1f} % of ends above"
                say(f"  {source}: {100 * budget:3.0f} % of inner pauses above P {1 / (1 + np.exp(-level)):.3f}: {told}")
            for name, p_finished in (("SURE", SURE), ("BROKEN", BROKEN)):
                above = odds[chosen] > math.log(p_finished / (1 - p_finished))
                pauses, ends = (
                    np.average(above[kind], weights=importance[chosen][kind]) for kind in (finished[chosen] == 0, finished[chosen] == 1)
                )
                say(f"  {source}: above {name} {100 * pauses:.1f} % of inner pauses, {100 * ends:.1f} % of ends")
    booster = fitted(table, finished, importance)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "en.json").write_text(json.dumps(exported(booster, names), separators=(",", ":")) + "\n", "utf-8")
    model.cache_clear()
    ours = np.array([model("en").log_odds(dict(zip(names, row, strict=True))) for row in table[::20]])
    apart = float(np.abs(np.clip(booster.decision_function(table[::20]), -12, 12) - ours).max())
    say(f"written; at most {apart:.4f} of the log odds are lost by writing them down")


if __name__ == "__main__":
    asyncio.run(main())
