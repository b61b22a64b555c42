"""Learns the weights of weak signs from labelled lines.

    python -m agents.emotion.words.learning CODE LINES... : writes languages/CODE/weights.json

A file of lines is YAML: by states ("frustrated urgent", "neutral") a list of lines. The weights that ship are learnt from all files
of tests/agents/emotion/words/lines_CODE (.yaml and folders); how they do on lines that they have not seen tells
``choosing``.
"""

import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray

from agents.emotion.signs import STATES, State
from agents.emotion.words.cues import Kinds, cues
from agents.emotion.words.language import language_of
from agents.emotion.words.weak import WeakSigns

RIDGE: Final = 1 / 150_000
"""By leaving out one file at a time, between 1/5,000 and 1/200,000: from 1/50,000 on it matters little."""
OTHERS: Final[Mapping[State, float]] = {"frustrated": 2.0, "confused": 6.0, "urgent": 6.0, "satisfied": 6.0}
"""How many lines without the state are taken to come for each with it."""
UNIT: Final = 0.01
"""Weights are written in whole numbers of this."""
_SEEN: Final = 2
"""Lines that must have a cue."""
_STEPS: Final = 300
_POWER_STEPS: Final = 15

Line = tuple[str, frozenset[str]]
"""What was said, and the states that it speaks for."""
Vector = NDArray[np.float64]


def read_lines(paths: Sequence[Path]) -> list[Line]:
    files = [yaml.safe_load(path.read_text("utf-8")) for path in paths]
    return [(line, frozenset(states.split())) for file in files for states, lines in file.items() for line in lines]


def learn(code: str, lines: Sequence[Line]) -> WeakSigns:
    """Raises ValueError for a language without files."""
    return _learnt(code, lines).signs()


@dataclass(frozen=True, slots=True)
class Learnt:
    kinds: Kinds
    base: tuple[float, ...]
    weights: Mapping[str, tuple[int, ...]]
    """By cue, for each of STATES, in UNIT."""

    def signs(self) -> WeakSigns:
        return WeakSigns(self.kinds, self.base, tuple(self.weights), UNIT * np.array(list(self.weights.values())).reshape(-1, len(STATES)))

    def json(self) -> str:
        data = {"base": self.base, "unit": UNIT, "weights": self.weights}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


class Matrix:
    """Of few values that are not 0: the cues of lines, and a last column of ones."""

    def __init__(self, found: Sequence[Mapping[str, float]], columns: Mapping[str, int]) -> None:
        entries = [(row, columns[name], value) for row, each in enumerate(found) for name, value in each.items() if name in columns]
        entries += [(row, len(columns), 1.0) for row in range(len(found))]
        rows, places, values = zip(*entries, strict=True)
        self.shape = len(found), len(columns) + 1
        self._rows, self._places, self._values = np.array(rows), np.array(places), np.array(values)

    def times(self, column: Vector) -> Vector:
        return np.bincount(self._rows, self._values * column[self._places], self.shape[0]).astype(np.float64)

    def turned_times(self, column: Vector) -> Vector:
        return np.bincount(self._places, self._values * column[self._rows], self.shape[1]).astype(np.float64)


def logistic(matrix: Matrix, wanted: Vector, others: float, strength: float = RIDGE) -> Vector:
    """Weights of a logistic regression with a ridge of ``strength`` on all but the last; ``wanted`` is 0 or 1. Accelerated gradient
    descent."""
    share = np.where(wanted > 0, 1 / max(1.0, wanted.sum()), others / max(1.0, (1 - wanted).sum())) / (1 + others)
    ridge = np.append(np.full(matrix.shape[1] - 1, strength), 0.0)
    steepest = _steepest(matrix, share) + strength
    at, ahead, pace = np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1]), 1.0
    for _ in range(_STEPS):
        slope = matrix.turned_times(share * (1 / (1 + np.exp(-matrix.times(ahead))) - wanted)) + ridge * ahead
        to = ahead - slope / steepest
        if slope @ (to - at) > 0:
            at, ahead, pace = to, to, 1.0
            continue
        faster = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        at, ahead, pace = to, to + (pace - 1) / faster * (to - at), faster
    return at


def _steepest(matrix: Matrix, share: Vector) -> float:
    """The largest curvature, and a little more."""
    column, largest = np.ones(matrix.shape[1]), 1.0
    for _ in range(_POWER_STEPS):
        column = matrix.turned_times(share / 4 * matrix.times(column))
        largest = float(np.linalg.norm(column))
        column /= largest
    return 1.05 * largest


def columns_of(found: Sequence[Mapping[str, float]]) -> dict[str, int]:
    """A column for each cue that lines enough have."""
    counts = Counter(name for each in found for name in each)
    return {name: column for column, name in enumerate(sorted(name for name, count in counts.items() if count >= _SEEN))}


def _learnt(code: str, lines: Sequence[Line]) -> Learnt:
    known = language_of(code)
    if known is None:
        raise ValueError(f"there are no files of the language {code!r}")
    found = [cues(known.apart(known.wording.line(text))[1].words, known.kinds) for text, _ in lines]
    columns = columns_of(found)
    matrix = Matrix(found, columns)
    fitted = [logistic(matrix, np.array([float(state in states) for _, states in lines]), OTHERS[state]) for state in STATES]
    whole = np.rint(np.stack(fitted, axis=1) / UNIT).astype(int)
    weights = {name: tuple(map(int, row)) for name, row in zip(columns, whole[:-1], strict=True) if row.any()}
    return Learnt(known.kinds, tuple(round(float(each), 4) for each in (column[-1] for column in fitted)), weights)


def main() -> None:
    code, *paths = sys.argv[1:]
    learnt = _learnt(code, read_lines([Path(path) for path in paths]))
    out = Path(__file__).parent / "languages" / code / "weights.json"
    out.write_text(learnt.json(), "utf-8")
    print(f"{out}: {len(learnt.weights)} weights")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
