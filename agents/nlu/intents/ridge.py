"""A linear separator per intent by ridge regression, solved exactly: for an agent's few hundred examples a matter of milliseconds.

The scores that each sentence would get from a model that never saw it follow from the same solution: Rifkin and Lippert, "Notes on
Regularized Least Squares" (MIT-CSAIL-TR-2007-025), section 3.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from agents.nlu.intents.targets import targets
from agents.nlu.intents.vectors import Floats, Vector, products

_PENALTY: Final = 0.3
"""Of long weights. From 0.1 to 1 nothing changes."""


def solve(vectors: Sequence[Vector], labels: Sequence[int], intents: int, size: int) -> tuple[Floats, Floats]:
    """Weights (size + 1, intents), and the scores (sentences, intents) that each sentence gets from all the others."""
    wanted = targets(labels, intents)
    inverse = np.linalg.inv(products(vectors, vectors, size).astype(np.float64) + _PENALTY * np.eye(len(vectors)))
    shares = inverse @ wanted
    unseen = wanted - shares / np.diag(inverse)[:, None]
    weights = np.zeros((size + 1, intents), dtype=np.float32)
    for (columns, values), share in zip(vectors, shares.astype(np.float32), strict=True):
        weights[columns] += values[:, None] * share
    return weights, unseen.astype(np.float32)
