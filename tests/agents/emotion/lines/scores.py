"""How well found labels agree with given ones, with intervals that say how far so many lines can be trusted."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.agents.emotion.lines.lines import Line

_Z: Final = 1.96
"""Of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    part: int
    whole: int

    @property
    def value(self) -> float:
        """0 to 1; 0 of nothing is 0."""
        return self.part / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, by Wilson's score; of nothing everything is possible."""
        if not self.whole:
            return 0.0, 1.0
        p, n = self.value, self.whole
        middle, width = p + _Z * _Z / (2 * n), _Z * ((p * (1 - p) + _Z * _Z / (4 * n)) / n) ** 0.5
        return max(0.0, (middle - width) / (1 + _Z * _Z / n)), min(1.0, (middle + width) / (1 + _Z * _Z / n))

    def to_json(self) -> dict[str, object]:
        low, high = self.interval
        return {"value": round(self.value, 4), "low": round(low, 4), "high": round(high, 4), "part": self.part, "whole": self.whole}


@dataclass(frozen=True, slots=True)
class Score:
    """Of one label against the rest."""

    label: str
    right: tuple[Line, ...]
    missed: tuple[Line, ...]
    wrongly: tuple[Line, ...]
    """Found where it is not."""

    @property
    def precision(self) -> Share:
        return Share(len(self.right), len(self.right) + len(self.wrongly))

    @property
    def recall(self) -> Share:
        return Share(len(self.right), len(self.right) + len(self.missed))

    @property
    def f1(self) -> tuple[float, float, float]:
        """With its 95 % interval: F1 is 2J/(1+J) of the share J of right ones among right, missed and wrong ones."""
        joint = Share(len(self.right), len(self.right) + len(self.missed) + len(self.wrongly))
        value, low, high = (2 * j / (1 + j) for j in (joint.value, *joint.interval))
        return value, low, high

    def to_json(self) -> dict[str, object]:
        value, low, high = self.f1
        return {
            "precision": self.precision.to_json(),
            "recall": self.recall.to_json(),
            "f1": {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4)},
            "missed": [f"{line.id} {line.text}" for line in self.missed],
            "wrongly": [f"{line.id} {line.text}" for line in self.wrongly],
        }


def score(lines: Sequence[Line], labels: Iterable[str], found: Callable[[str], Collection[str]]) -> tuple[Score, ...]:
    """``found`` gives the labels of a text. One score for each of ``labels``."""
    answers = [(line, found(line.text)) for line in lines]
    return tuple(
        Score(
            label,
            tuple(line for line, answer in answers if label in line.labels and label in answer),
            tuple(line for line, answer in answers if label in line.labels and label not in answer),
            tuple(line for line, answer in answers if label not in line.labels and label in answer),
        )
        for label in labels
    )
