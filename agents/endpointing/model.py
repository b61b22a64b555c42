"""P(finished) by logistic regression over the features of words, melody and grasp.

The weights are fitted by tests/bench/endpointing/fit.py and lie in ``weights/<language>.json``.
"""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from agents.endpointing import melody, words
from agents.endpointing.evidence import Evidence, Grasp
from agents.endpointing.language import Language

FOLDER: Final = Path(__file__).parent / "weights"
_CERTAIN: Final = 12.0
"""Log odds beyond which nothing changes."""


class ModelError(Exception):
    """There are no usable weights for a language."""


def features(evidence: Evidence, language: Language) -> dict[str, float]:
    """Everything that is judged, by name; what is not there counts as 0."""
    found = words.features(evidence.text, evidence.expected, language) | melody.features(evidence.pcm)
    found["voiced_s"] = min(max(0.0, evidence.voiced_s), 1.0)
    if evidence.grasp is Grasp.COMPLETE:
        found["grasped"] = 1.0
        found[f"grasped_{evidence.expected.value}"] = 1.0
    return found


@dataclass(frozen=True, slots=True)
class Model:
    bias: float
    weights: dict[str, float]

    def log_odds(self, features: dict[str, float]) -> float:
        """Of being finished; features without a weight count nothing."""
        total = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in features.items())
        return min(max(total, -_CERTAIN), _CERTAIN)

    def probability(self, features: dict[str, float]) -> float:
        return 1 / (1 + math.exp(-self.log_odds(features)))


@lru_cache
def model(code: str) -> Model:
    """``code`` as in ISO 639-1. Raises ModelError."""
    path = FOLDER / f"{code}.json"
    try:
        data = json.loads(path.read_text("utf-8"))
        return Model(float(data["bias"]), {str(name): float(weight) for name, weight in data["weights"].items()})
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelError(f"{path}: {error}; fit the weights with python -m tests.bench.endpointing.fit") from error
