"""P(finished) by small decision trees over the features of words, melody and grasp: what a falling voice tells depends on the words.

The trees are fitted by tests/bench/endpointing/fit.py and lie in ``weights/<language>.json``.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from agents.endpointing import melody, words
from agents.endpointing.completeness import Completeness
from agents.endpointing.evidence import Evidence, Grasp
from agents.endpointing.language import Language
from agents.endpointing.trees import Tree
from agents.turns.events import Expected

FOLDER: Final = Path(__file__).parent / "weights"
_CERTAIN: Final = 12.0
"""Log odds beyond which nothing changes."""


class ModelError(Exception):
    """There are no usable weights for a language."""


def features(evidence: Evidence, language: Language, wording: Completeness | None) -> dict[str, float]:
    """Everything that is judged, by name; what is not there counts as 0."""
    found = words.features(evidence.text, evidence.expected, language) | melody.features(evidence.pcm)
    if wording is not None and evidence.expected is Expected.OPEN:
        odds = wording.log_odds(words.split(evidence.text), language) / _CERTAIN
        found["wording_whole" if odds > 0 else "wording_part"] = min(max(odds, -1.0), 1.0)
    found["voiced_s"] = min(max(0.0, evidence.voiced_s), 1.0)
    if evidence.grasp is Grasp.COMPLETE:
        found["grasped"] = 1.0
        found[f"grasped_{evidence.expected.value}"] = 1.0
    return found


@dataclass(frozen=True, slots=True)
class Model:
    base: float
    trees: tuple[Tree, ...]

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Of being finished; features that no tree asks for count nothing."""
        total = self.base + sum(tree.value(features) for tree in self.trees)
        return min(max(total, -_CERTAIN), _CERTAIN)

    def probability(self, features: Mapping[str, float]) -> float:
        return 1 / (1 + math.exp(-self.log_odds(features)))

    @property
    def names(self) -> set[str]:
        """Features that are asked for."""
        return {name for tree in self.trees for name in tree.names}


@lru_cache
def model(code: str, folder: Path = FOLDER) -> Model:
    """``code`` as in ISO 639-1. Raises ModelError."""
    path = folder / f"{code}.json"
    try:
        data = json.loads(path.read_text("utf-8"))
        trees = tuple(
            Tree(
                [(str(name), float(limit), int(low), int(high)) for name, limit, low, high in tree["splits"]],
                list(map(float, tree["leaves"])),
            )
            for tree in data["trees"]
        )
        return Model(float(data["base"]), trees)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: {error}; fit the trees with python -m tests.bench.endpointing.fit") from error
