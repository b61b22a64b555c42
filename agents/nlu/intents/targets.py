"""What a separator is to score for each sentence: 1 for its own intent, -1 for all others."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from agents.nlu.intents.vectors import Floats

NOBODY: Final = -1
"""Label of a sentence that belongs to no intent."""


def targets(labels: Sequence[int], intents: int) -> Floats:
    """(sentences, intents)."""
    out = np.full((len(labels), intents), -1, dtype=np.float32)
    known = np.flatnonzero(np.asarray(labels) != NOBODY)
    out[known, np.asarray(labels)[known]] = 1
    return out
