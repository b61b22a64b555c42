"""Boosted decision trees (Friedman 2001), as few and small as a pause leaves time for: each adds the value of the leaf that is reached."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Split: TypeAlias = tuple[str, float, int, int]
"""(name of the feature, limit, where to go up to it, where to go above it); places are in the same tree, of a leaf ``-1 - leaf``."""


class Tree:
    """``splits``: the first one is asked first; ``leaves``: log odds that each leaf adds."""

    def __init__(self, splits: Sequence[Split], leaves: Sequence[float]) -> None:
        """Raises ValueError for splits that do not end in a leaf."""
        for place, (_, _, low, high) in enumerate(splits):
            for to in (low, high):
                if not (place < to < len(splits) or -len(leaves) <= to < 0):
                    raise ValueError(f"split {place} leads to {to}")
        if not leaves:
            raise ValueError("a tree without leaves")
        self._splits, self._leaves = tuple(splits), tuple(leaves)

    def value(self, features: Mapping[str, float]) -> float:
        place = 0 if self._splits else -1
        while place >= 0:
            name, limit, low, high = self._splits[place]
            place = low if features.get(name, 0.0) <= limit else high
        return self._leaves[-1 - place]

    @property
    def names(self) -> set[str]:
        """Features that are asked for."""
        return {name for name, _, _, _ in self._splits}
