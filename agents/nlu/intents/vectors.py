"""Sentences as sparse vectors: term frequency times inverse document frequency, every view at its own length."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.nlu.intents.features import VIEW_WEIGHTS, Features

Floats: TypeAlias = NDArray[np.float32]

_BIAS: Final = 1.0
_LENGTH: Final = sum(weight**2 for weight in VIEW_WEIGHTS)
"""Squared, of a vector whose views all hold something; the bias left out."""
_BLOCK: Final = 256
"""Vectors spread out at a time: a few ten megabytes."""
_FOREIGN: Final = 0.5
"""What a feature that was in no sentence counts in the length, against the rarest known one; less than it, as recognisers make up words."""


class Vector(NamedTuple):
    """Values at distinct columns; the last one is the bias, which every vector has."""

    columns: NDArray[np.intp]
    values: Floats


class Vocabulary:
    """The features of a set of sentences, each with its column and weight. Immutable."""

    def __init__(self, sentences: Sequence[Features]) -> None:
        total = len(sentences)
        self._views: list[dict[str, int]] = []
        rarities: list[float] = []
        for view in range(len(VIEW_WEIGHTS)):
            found = Counter[str]()
            for sentence in sentences:
                found.update(sentence[view].keys())
            self._views.append({feature: len(rarities) + number for number, feature in enumerate(found)})
            rarities.extend(np.log((1 + total) / (1 + np.array(list(found.values())))) + 1)
        self._rarity = np.array(rarities, dtype=np.float32)
        self._rarest = float(np.log((1 + total) / 2) + 1)
        """Weight of what is in one sentence only."""
        self.size = len(rarities)
        """Number of columns, the bias left out."""

    def vector(self, sentence: Features) -> Vector:
        """Features that were in no sentence of the set have no column, yet they take their share of the length.

        So a sentence of mostly foreign words scores low, as one that the weights did not come from does in training.
        """
        columns: list[int] = []
        values: list[Floats] = []
        for view, counts, share in zip(self._views, sentence, VIEW_WEIGHTS, strict=True):
            known = [(view[feature], count) for feature, count in counts.items() if feature in view]
            if not known:
                continue
            at, often = zip(*known, strict=True)
            weights = self._rarity[list(at)]
            if max(often) > 1:
                weights *= 1 + np.log(np.array(often, dtype=np.float32))
            foreign = (len(counts) - len(known)) * _FOREIGN * self._rarest**2
            columns.extend(at)
            values.append(weights * np.float32(share / np.sqrt(weights @ weights + foreign)))
        return Vector(np.array([*columns, self.size], dtype=np.intp), np.concatenate([*values, np.array([_BIAS], dtype=np.float32)]))

    def silence(self) -> Vector:
        """Of a sentence without a known word."""
        return self.vector(tuple(Counter[str]() for _ in VIEW_WEIGHTS))


def products(vectors: Sequence[Vector], others: Sequence[Vector], size: int) -> Floats:
    """Inner products (vectors, others), the bias included; ``size`` of their vocabulary."""
    out = np.empty((len(vectors), len(others)), dtype=np.float32)
    for start in range(0, len(others), _BLOCK):
        block = others[start : start + _BLOCK]
        dense = np.zeros((size + 1, len(block)), dtype=np.float32)
        for number, (columns, values) in enumerate(block):
            dense[columns, number] = values
        for row, (columns, values) in enumerate(vectors):
            out[row, start : start + len(block)] = values @ dense[columns]
    return out


def cosines(product: Floats) -> Floats:
    """Likeness (0 to 1) of sentences from their inner products; the bias, which all share, does not count."""
    out: Floats = (product - _BIAS**2) / _LENGTH
    return out
