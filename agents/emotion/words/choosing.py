"""How patterns and weak signs do together on lines that the weights have not seen, and how both are best joined.

    python -m agents.emotion.words.choosing CODE LINES... : prints figures of every state; writes nothing

The files of lines are as in ``learning``. Each is left out in turn: its lines are read with the weights learnt from all others.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from agents.emotion.signs import STATES, State
from agents.emotion.words.cues import cues
from agents.emotion.words.language import language_of
from agents.emotion.words.learning import OTHERS, RIDGE, Line, Matrix, Vector, columns_of, logistic, read_lines
from agents.emotion.words.reading import WordReader
from agents.emotion.words.weak import JOINTS, Joint

WRONG: Final = 0.05
"""Share of the lines without a state that may be heard as having it. Where a third of all lines has it, 1 in 20 is what leaves a
precision of 0.9 at a recall of 0.9. The share of what is heard cannot be the guide: many lines were chosen because they are hard."""
RIDGES: Final = (1 / 50_000, 1 / 20_000)
"""Tried besides the one of ``learning``."""
_NEWTON_STEPS: Final = 30
_EXACT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Unseen:
    """One line: the level of a state by the patterns, the score of it by weights that the line had no part in, and whether it has it."""

    level: float
    score: float
    meant: bool


@dataclass(frozen=True, slots=True)
class Figures:
    precision: float
    recall: float
    wrong: float
    """Share of the lines without the state that are heard as having it."""


def unseen(code: str, files: Sequence[Sequence[Line]], state: State, ridge: float = RIDGE) -> list[list[Unseen]]:
    """For each file its lines. Raises ValueError for a language without files, and for fewer than two files of lines."""
    known = language_of(code)
    if known is None:
        raise ValueError(f"there are no files of the language {code!r}")
    if len(files) < 2:
        raise ValueError(f"{len(files)} file of lines is not enough to leave one out; give two or more")
    reader = WordReader(code)
    read = [[reader.by_patterns(text) for text, _ in file] for file in files]
    found = [[cues(words, known.kinds) for _, words in each] for each in read]
    meant = [[state in states for _, states in file] for file in files]
    made = []
    for out, signs in enumerate(read):
        seen = [each for place, file in enumerate(found) if place != out for each in file]
        wanted = np.array([float(each) for place, file in enumerate(meant) if place != out for each in file])
        columns = columns_of(seen)
        weights = logistic(Matrix(seen, columns), wanted, OTHERS[state], ridge)
        scores = [_score(each, columns, weights) for each in found[out]]
        levels = [each.states.get(state, 0.0) for each, _ in signs]
        made.append([Unseen(*each) for each in zip(levels, scores, meant[out], strict=True)])
    return made


def _score(found: Mapping[str, float], columns: Mapping[str, int], weights: Vector) -> float:
    return float(weights[-1] + sum(value * weights[columns[name]] for name, value in found.items() if name in columns))


def fitted(lines: Sequence[Unseen], least: float, others: float) -> Joint:
    """By logistic regression, the lines without the state weighed as in ``learning.OTHERS``."""
    blank = Joint(least, 1.0, 0.0, 0.0)
    given = np.array([(blank.odds(line.level, 0.0), line.score, 1.0) for line in lines])
    wanted = np.array([float(line.meant) for line in lines])
    share = np.where(wanted > 0, 1 / max(1.0, wanted.sum()), others / max(1.0, (1 - wanted).sum()))
    at = np.zeros(3)
    for _ in range(_NEWTON_STEPS):
        likely = 1 / (1 + np.exp(-np.clip(given @ at, -30, 30)))
        slope = given.T @ (share * (likely - wanted))
        curve = (given * (share * likely * (1 - likely))[:, None]).T @ given + _EXACT * np.eye(3)
        at = at - np.linalg.solve(curve, slope)
    return Joint(least, *(round(float(each), 2) for each in at))


def balanced(lines: Sequence[Unseen], joint: Joint, wrong: float = WRONG) -> Joint:
    """With the highest bias, in hundredths, by which no more than a share of ``wrong`` of the lines without the state is heard."""
    odds = sorted((joint.odds(line.level, line.score) - joint.bias for line in lines if not line.meant), reverse=True)
    return replace(joint, bias=-math.ceil(100 * odds[int(wrong * len(odds))] + _EXACT) / 100) if odds else joint


def figures(lines: Sequence[Unseen], joint: Joint) -> Figures:
    """A line is heard from odds of 1, as ``Joint.of`` has them. A share of nothing is 0."""
    heard = [joint.odds(line.level, line.score) > 0 for line in lines]
    meant = sum(line.meant for line in lines)
    right = sum(found and line.meant for found, line in zip(heard, lines, strict=True))
    return Figures(right / max(1, sum(heard)), right / max(1, meant), (sum(heard) - right) / max(1, len(lines) - meant))


def main() -> None:
    code, *paths = sys.argv[1:]
    files = [read_lines([Path(path)]) for path in paths]
    for state, ridge in [*((state, RIDGE) for state in STATES), *(("frustrated", each) for each in RIDGES)]:
        lines = [line for file in unseen(code, files, state, ridge) for line in file]
        now = JOINTS[state]
        for name, joint in (("now", now), ("balanced", balanced(lines, now)), ("fitted", fitted(lines, now.least, OTHERS[state]))):
            print(f"{state}, ridge 1/{1 / ridge:.0f}, {name}: {joint} {figures(lines, joint)}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
