"""The caller's own usual: starts as that of all people, becomes the caller's in the first seconds, and moves slowly from then on.

Each feature is a normal one with a known spread between people and a known spread between utterances of one person; what is held is
the posterior of the caller's mean. Speech that is more excited than the usual counts little, so that anger does not become the usual.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.emotion.voice.features import NAMES, VoiceFeatures

READY_S: Final = 1.5
"""Seconds of voiced speech from which the usual is the caller's own."""
_UNIT_S: Final = 1.5
"""Voiced speech of an utterance that counts as one observation."""
_STEADY_S: Final = 1.0
"""Voiced speech from which an utterance's features spread as ``population().within`` says; over less as the means of fewer: in calm
speech 1.5 times as wide at 0.5 s and twice at 0.3 s."""
_MEMORY: Final = 8.0
"""Observations after which older ones fade."""
_EXCITED: Final = ("level", "pitch_median", "pitch_high", "alpha_ratio")
"""What speaking up moves first."""
_HALF_PULL: Final = 1.5
"""Standard deviations above the usual at which an utterance counts half."""
_LEAST_PULL: Final = 0.05
"""Above 0: a caller who turned out to be always like this must not stay unusual for ever."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Arrays in the order of NAMES."""

    mean: NDArray[np.float64]
    between: NDArray[np.float64]
    """Standard deviation between people (and their telephones)."""
    within: NDArray[np.float64]
    """Standard deviation between the calm utterances of one person."""


@cache
def population() -> Population:
    table = json.loads((resources.files(__package__) / "population.json").read_text(encoding="utf-8"))["features"]
    return Population(*(np.array([table[name][key] for name in NAMES], dtype=np.float64) for key in ("mean", "between", "within")))


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Immutable: ``with_`` gives another."""

    mean: NDArray[np.float64]
    """In the order of NAMES."""
    heard: float
    """Observations that it rests on, each about 1.5 s of voiced speech."""

    def __post_init__(self) -> None:
        self.mean.setflags(write=False)

    @staticmethod
    def start() -> "Baseline":
        return Baseline(population().mean, 0.0)

    @property
    def ready(self) -> bool:
        return self.heard * _UNIT_S >= READY_S

    @property
    def confidence(self) -> float:
        """0 to 1."""
        return self.heard / (self.heard + 1.0)

    @property
    def uncertainty(self) -> NDArray[np.float64]:
        """Standard deviation of ``mean``, in the order of NAMES."""
        people = population()
        out: NDArray[np.float64] = people.between * people.within / np.sqrt(people.within**2 + self.heard * people.between**2)
        return out

    def usual(self) -> Mapping[str, float]:
        """The caller's mean of each feature, in its unit."""
        return dict(zip(NAMES, self.mean.tolist(), strict=True))

    def with_(self, features: VoiceFeatures, weight: float = 1.0) -> "Baseline":
        """Learns ``features`` as far as they are like the usual; ``weight`` 0 to 1, how sure the caller of this is that they are."""
        amount = max(0.0, min(1.0, weight)) * min(features.voiced_s / _UNIT_S, 2.0) * self._pull(features)
        if amount <= 0.0:
            return self
        people = population()
        held = min(self.heard, _MEMORY - amount)
        precision = (people.within / people.between) ** 2
        share = amount / (amount + held + precision)
        return Baseline(self.mean + share * (features.vector() - self.mean), held + amount)

    def _pull(self, features: VoiceFeatures) -> float:
        """How much an utterance counts: excited ones little, so that anger does not become the usual; calmer ones more, as the usual may
        have been learnt from excited ones."""
        relative = self.relative(features)
        excited = sum(relative[name] for name in _EXCITED) / len(_EXCITED)
        if excited < 0:
            return min(2.0, 1.0 - 0.5 * excited)
        return max(_LEAST_PULL, 1.0 / (1.0 + (excited / _HALF_PULL) ** 4))

    def relative(self, features: VoiceFeatures) -> Mapping[str, float]:
        """How far each feature is from the usual, -6 to 6 standard deviations of what a calm utterance of this caller may be.

        Little is far from the usual of somebody who has not been heard yet, or in an utterance of a word or two. The keys are NAMES.
        """
        chance = max(1.0, _STEADY_S / features.voiced_s)
        spread = np.sqrt(population().within ** 2 * chance + self.uncertainty**2)
        distance = np.clip((features.vector() - self.mean) / spread, -6.0, 6.0)
        return dict(zip(NAMES, distance.tolist(), strict=True))
