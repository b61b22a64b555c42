"""Weak signs: the cues of a line that say little each, weighed by what was learnt from labelled lines, and joined with its patterns."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.emotion.signs import STATES, State
from agents.emotion.words.cues import Kinds, cues
from agents.emotion.words.language import language_of

_FOLDER: Final = Path(__file__).parent / "languages"
_CERTAIN: Final = 0.97
"""No level is."""
_ALONE: Final = 0.58
"""Weak signs do not raise a level any further where no pattern speaks: no rule shall act on them at once."""
_BESIDE: Final = 0.38
"""What a wholly certain pattern adds to that."""
QUIET: Final = 0.15
"""A level below this is none."""


@dataclass(frozen=True, slots=True)
class Joint:
    """How the level that the patterns give and the score of the cues become one, in log-odds."""

    least: float
    """A level of the patterns up to this says nothing."""
    level: float
    score: float
    bias: float

    def of(self, level: float, score: float) -> float:
        """0 to 0.97, of which 0.58 at most comes from weak signs alone. At 0.5 a line is as likely to be in the state as not."""
        joined = 1 / (1 + math.exp(-max(-30.0, min(30.0, self.odds(level, score)))))
        most = max(level, _ALONE + _BESIDE * level)
        return min(joined, most, _CERTAIN) if joined >= QUIET else 0.0

    def odds(self, level: float, score: float) -> float:
        """Log-odds, before what weak signs may not do alone is taken off."""
        return self.level * (_logit(max(self.least, level)) - _logit(self.least)) + self.score * score + self.bias


JOINTS: Final[Mapping[State, Joint]] = {
    "frustrated": Joint(0.2, 0.8, 0.8, -0.8),
    "confused": Joint(0.1, 0.97, 0.77, -0.01),
    "urgent": Joint(0.1, 0.97, 0.89, 0.43),
    "satisfied": Joint(0.1, 1.12, 0.68, -0.25),
}
"""By ``choosing``, on lines that the weights had not seen in turn: by logistic regression, with the share of each state as in
``learning.OTHERS``. For ``frustrated`` the level counts less than that gives for all lines (1.13), because the patterns were made with
most of them: by those files of tests/agents/emotion/words/lines_en that were read for mending them (all but parcels, energy, journeys,
health, insurers and homes) it was 0.73. The bias then is the highest by which no more than ``choosing.WRONG`` of the other lines are taken
for frustrated."""


def _logit(level: float) -> float:
    sure = min(_CERTAIN, level)
    return math.log(sure / (1 - sure))


class WeakSigns:
    """``names``: of the cues; ``weights``: a row for each cue and a column for each state; ``base``: the scores of a line without cues."""

    def __init__(self, kinds: Kinds, base: Sequence[float], names: Sequence[str], weights: NDArray[np.float64]) -> None:
        self._kinds, self._base, self._weights = kinds, np.asarray(base), weights
        self._rows = {name: row for row, name in enumerate(names)}

    def scores(self, words: Sequence[str]) -> dict[State, float]:
        """Log-odds by the cues alone."""
        found = [(self._rows[name], value) for name, value in cues(words, self._kinds).items() if name in self._rows]
        total = self._base
        if found:
            rows, values = zip(*found, strict=True)
            total = total + np.asarray(values) @ self._weights[list(rows)]
        return dict(zip(STATES, map(float, total), strict=True))

    def joined(self, levels: Mapping[State, float], words: Sequence[str]) -> dict[State, float]:
        """All states, from the ``levels`` that the patterns give. Who is rather frustrated than not is not satisfied."""
        found = {state: JOINTS[state].of(levels.get(state, 0.0), score) for state, score in self.scores(words).items()}
        satisfied = found["satisfied"] * (1 - max(0.0, 2 * found["frustrated"] - 1))
        return found | {"satisfied": satisfied if satisfied >= QUIET else 0.0}


@lru_cache
def weak_signs(code: str, folder: Path = _FOLDER) -> WeakSigns | None:
    """None for a language of which nothing was learnt."""
    path = folder / code / "weights.json"
    if not code.isalpha() or not path.is_file() or (known := language_of(code, folder)) is None:
        return None
    data = json.loads(path.read_text("utf-8"))
    weights = np.array(list(data["weights"].values()), dtype=np.float64).reshape(-1, len(STATES)) * data["unit"]
    return WeakSigns(known.kinds, data["base"], tuple(data["weights"]), weights)
