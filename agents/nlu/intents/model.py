"""The intent model: what a sentence is about, how sure that is, and whether it is about any of it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.nlu.intents import descent, ridge
from agents.nlu.intents.calibration import Calibration, calibrate
from agents.nlu.intents.features import Extractor, Features, extractor
from agents.nlu.intents.features import background as shipped_background
from agents.nlu.intents.targets import NOBODY
from agents.nlu.intents.vectors import Floats, Vector, Vocabulary, cosines, products

_TOO_NEAR: Final = 0.5
"""Cosine to an example from which a background sentence may well be one: it is left out."""
_MANY: Final = 1500
"""Sentences above which an exact solution takes longer than an approximate one."""
_OUTSIDE: Final = 0.25
"""How probable an intent is that nothing waits for, against one that is expected."""


@dataclass(frozen=True, slots=True)
class Guess:
    name: str
    confidence: float
    """Calibrated probability, 0 to 1; those of all intents and of "none of them" add up to 1."""


class IntentModel:
    """Immutable: any thread may ask. A question takes well under a millisecond."""

    def __init__(self, names: Sequence[str], extract: Extractor, vocabulary: Vocabulary, weights: Floats, calibration: Calibration) -> None:
        self._names = tuple(names)
        self._extract = extract
        self._vocabulary = vocabulary
        self._weights = weights
        self._weights.setflags(write=False)
        self._calibration = calibration

    @classmethod
    def train(
        cls, examples: Mapping[str, Sequence[str]], *, background: Sequence[str] | None = None, language: str = "en"
    ) -> "IntentModel":
        """``examples``: sentences by intent. ``background``: sentences that are none of them; None takes those that ship for the language.

        The same examples give the same model. Raises ValueError for no intent at all, and for one without a usable example; LanguageError.
        """
        if not examples:
            raise ValueError("there is no intent to learn; give at least one with a few examples")
        extract = extractor(language)
        names = list(examples)
        sentences = [(features, label) for label, name in enumerate(names) for features in _usable(name, examples[name], extract)]
        strangers = shipped_background(language) if background is None else [extract(text) for text in background]
        vocabulary = Vocabulary([*(features for features, _ in sentences), *strangers])
        vectors = [vocabulary.vector(features) for features, _ in sentences]
        labels = [label for _, label in sentences]
        outside = _far_from(vectors, [vocabulary.vector(features) for features in strangers], vocabulary.size)
        vectors += outside
        labels += [NOBODY] * len(outside)
        weights, calibration = _separated(vectors, labels, len(names), vocabulary)
        return cls(names, extract, vocabulary, weights, calibration)

    @property
    def names(self) -> tuple[str, ...]:
        return self._names

    @property
    def least_confidence(self) -> float:
        """Below this the best guess is none. Of the examples, told by a model without them, about one in twenty is."""
        return self._calibration.least

    def rank(self, text: str, among: Collection[str] | None = None) -> list[Guess]:
        """All intents, or those in ``among``, the best first. Intents not in ``among`` stay possible, at a quarter of their probability."""
        return self._guesses(self._heard(text), among)

    def best(self, text: str, among: Collection[str] | None = None) -> Guess | None:
        """None when the sentence is about none of them, or holds nothing that was ever learnt."""
        heard = self._heard(text)
        if len(heard.columns) == 1:
            return None
        guesses = self._guesses(heard, among)
        return guesses[0] if guesses and guesses[0].confidence >= self._calibration.least else None

    def _heard(self, text: str) -> Vector:
        return self._vocabulary.vector(self._extract(text))

    def _guesses(self, heard: Vector, among: Collection[str] | None) -> list[Guess]:
        shares = self._calibration.probabilities(heard.values @ self._weights[heard.columns])
        if among is not None:
            shares[:-1] *= [1.0 if name in among else _OUTSIDE for name in self._names]
            shares /= shares.sum()
        order = np.argsort(-shares[:-1], kind="stable")
        return [Guess(self._names[i], float(shares[i])) for i in order if among is None or self._names[i] in among]


def _usable(name: str, texts: Sequence[str], extract: Extractor) -> list[Features]:
    """Of every sentence that has a word, once."""
    found = [features for features in map(extract, dict.fromkeys(texts)) if features[0]]
    if not found:
        raise ValueError(f"the intent {name!r} has no example with a word in it; give it at least one, better five")
    return found


def _far_from(vectors: Sequence[Vector], strangers: Sequence[Vector], size: int) -> list[Vector]:
    nearest = cosines(products(vectors, strangers, size)).max(axis=0)
    return [stranger for stranger, near in zip(strangers, nearest, strict=True) if near < _TOO_NEAR]


def _separated(vectors: Sequence[Vector], labels: Sequence[int], intents: int, vocabulary: Vocabulary) -> tuple[Floats, Calibration]:
    """The weights, and a calibration from sentences that they did not come from; the only example of its intent says nothing there."""
    examples_of = Counter(labels)
    if len(vectors) > _MANY:
        weights, scores, rows = descent.solve(vectors, labels, intents, vocabulary.size)
    else:
        weights, scores = ridge.solve(vectors, labels, intents, vocabulary.size)
        rows = list(range(len(vectors)))
    telling = [number for number, row in enumerate(rows) if examples_of[labels[row]] > 1]
    columns, values = vocabulary.silence()
    # Silence is none of the intents, whatever the background.
    asked = np.concatenate((scores[telling], (values @ weights[columns])[None]))
    return weights, calibrate(asked, [*(labels[rows[number]] for number in telling), NOBODY])
