"""A linear separator per intent for thousands of sentences: L2-regularised support vectors with squared hinge loss.

Dual coordinate descent after Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale linear SVM"
(ICML 2008), algorithm 1 with the L2 loss; a step is taken for one sentence and every intent together.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from agents.nlu.intents.targets import targets
from agents.nlu.intents.vectors import Floats, Vector

_COST: Final = 1.0
"""C: what a sentence on the wrong side costs, against the length of the weights. From 1 to 10 nothing changes."""
_LEAST_STEP: Final = 1e-3
"""Smaller steps are not worth a write."""
_FEW: Final = 0.25
"""Share of the intents below which only their columns are written."""
_HELD_OUT: Final = 5
"""One sentence in five is kept out of the first rounds."""
_ROUNDS: Final = 2
"""Over the rest, and then again over all."""


def solve(vectors: Sequence[Vector], labels: Sequence[int], intents: int, size: int) -> tuple[Floats, Floats, list[int]]:
    """Weights (size + 1, intents), the scores of some sentences before they were learnt from, and which those are.

    The same input gives the same weights.
    """
    order = np.random.default_rng(0)
    descent = _Descent(vectors, labels, intents, size)
    shuffled = order.permutation(len(vectors))
    unseen, seen = shuffled[::_HELD_OUT], np.delete(shuffled, np.s_[::_HELD_OUT])
    for _ in range(_ROUNDS):
        descent.learn(order.permutation(seen))
    scores = np.array([values @ descent.weights[columns] for columns, values in (vectors[row] for row in unseen)])
    for _ in range(_ROUNDS):
        descent.learn(order.permutation(len(vectors)))
    return descent.weights, scores, unseen.tolist()


class _Descent:
    def __init__(self, vectors: Sequence[Vector], labels: Sequence[int], intents: int, size: int) -> None:
        self.weights = np.zeros((size + 1, intents), dtype=np.float32)
        self._vectors = vectors
        self._signs = targets(labels, intents)
        self._duals = np.zeros_like(self._signs)
        self._softness = np.float32(0.5 / _COST)
        self._few = _FEW * intents
        self._curvature = [np.float32(1 / (float(values @ values) + self._softness)) for _, values in vectors]

    def learn(self, rows: Sequence[int] | np.ndarray[tuple[int], np.dtype[np.intp]]) -> None:
        for row in rows:
            self._step(int(row))

    def _step(self, row: int) -> None:
        columns, values = self._vectors[row]
        dual, sign = self._duals[row], self._signs[row]
        slope = sign * (values @ self.weights[columns]) - 1 + dual * self._softness
        step = np.maximum(dual - slope * self._curvature[row], 0) - dual
        moved = np.flatnonzero(np.abs(step) > _LEAST_STEP)
        if len(moved) < self._few:
            step = step[moved]
            dual[moved] += step
            self.weights[columns[:, None], moved] += values[:, None] * (step * sign[moved])
        else:
            dual += step
            self.weights[columns] += values[:, None] * (step * sign)
