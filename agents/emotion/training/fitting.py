"""A small model of the rows: logistic regression, or one hidden layer. Its strength and thresholds come from folds of training speakers."""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.emotion.training.errors import TooFew
from agents.emotion.training.extra import library
from agents.emotion.training.figures import Floats, best_threshold, uar
from agents.emotion.training.labels import ANGRY, PLACES
from agents.emotion.training.measuring import Progress, unseen
from agents.emotion.training.rows import Rows
from agents.emotion.training.splits import folds

Kind: TypeAlias = Literal["logistic", "mlp"]
KINDS: Final[tuple[Kind, ...]] = ("logistic", "mlp")
FOLDS: Final = 4
FEWEST_WITH_LABEL: Final = 2
"""Speakers who must show an emotion for it to be learnt as such and not as their voice."""
_STRENGTHS: Final[Mapping[Kind, tuple[float, ...]]] = {"logistic": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1), "mlp": (0.1, 1.0, 10.0)}
"""logistic: C, the inverse of the penalty. mlp: alpha, the penalty."""
_HIDDEN: Final = 24


@dataclass(frozen=True, slots=True)
class Fitted:
    model: Any
    """A scikit-learn pipeline of a scaler and a classifier."""
    kind: Kind
    labels: tuple[str, ...]
    """In the order of its probabilities."""
    strength: float
    thresholds: Mapping[str, float]
    """``anger`` and ``arousal``: where the model's raw score divides best."""
    tried: Mapping[float, float]
    """UAR over the labels between folds for each strength."""

    def probabilities(self, values: NDArray[np.float32]) -> Floats:
        return np.asarray(self.model.predict_proba(values), dtype=np.float64)


def fit(rows: Rows, kind: Kind, seed: int, progress: Progress = unseen) -> Fitted:
    """Raises TooFew when there is nobody angry, nothing else, or a label of a single speaker; ExtraMissing."""
    _check(rows)
    labels = tuple(sorted(set(rows.labels)))
    truth = np.asarray([labels.index(label) for label in rows.labels])
    guessed: dict[float, Floats] = {}
    for number, strength in enumerate(_STRENGTHS[kind]):
        progress("choosing the strength", number, len(_STRENGTHS[kind]))
        guessed[strength] = _out_of_fold(rows, labels, kind, strength, seed)
    tried = {strength: uar(truth, each.argmax(axis=1)) for strength, each in guessed.items()}
    best = max(tried, key=lambda strength: tried[strength])
    progress("fitting the model", 0, 1)
    model = _trained(rows, labels, kind, best, seed)
    progress("fitting the model", 1, 1)
    return Fitted(model, kind, labels, best, _thresholds(rows.labels, labels, guessed[best]), tried)


def expected_arousal(labels: Sequence[str], probabilities: Floats) -> Floats:
    return np.asarray(probabilities @ np.asarray([PLACES[label].arousal for label in labels]), dtype=np.float64)


def _thresholds(truth: Sequence[str], labels: Sequence[str], guessed: Floats) -> dict[str, float]:
    anger = guessed[:, labels.index(ANGRY)]
    sided = np.asarray([PLACES[label].aroused is not None for label in truth])
    aroused = np.asarray([bool(PLACES[label].aroused) for label in truth])
    return {
        "anger": best_threshold(np.asarray([label == ANGRY for label in truth]), anger),
        "arousal": best_threshold(aroused[sided], expected_arousal(labels, guessed)[sided]),
    }


def _check(rows: Rows) -> None:
    present = set(rows.labels)
    if ANGRY not in present:
        raise TooFew(f"nobody is angry in the training clips (labels: {', '.join(sorted(present)) or 'none'}); add clips labelled angry")
    if not any(PLACES[label].aroused is False for label in present):
        raise TooFew("all training clips are of aroused speech; add neutral, calm or sad ones to compare with")
    showing = Counter(label for label, _ in set(zip(rows.labels, rows.speakers, strict=True)))
    for label, people in sorted(showing.items()):
        if people < FEWEST_WITH_LABEL:
            raise TooFew(
                f"a single training speaker has clips labelled {label}, so that it cannot be told from their voice; add such clips of "
                f"other people, join it to another label (--label {label}=EMOTION) or leave it out (--label {label}=-)"
            )


def _out_of_fold(rows: Rows, labels: Sequence[str], kind: Kind, strength: float, seed: int) -> Floats:
    out = np.zeros((len(rows.labels), len(labels)))
    for part in folds(rows.speakers, FOLDS, seed):
        tested = [number for number, who in enumerate(rows.speakers) if who in part.tested]
        model = _trained(rows.of(part.trained), labels, kind, strength, seed)
        columns = [labels.index(label) for label in model.classes_]
        out[np.ix_(tested, columns)] = model.predict_proba(rows.values[tested])
    return out


def _trained(rows: Rows, labels: Sequence[str], kind: Kind, strength: float, seed: int) -> Any:
    pipeline = library("sklearn.pipeline").Pipeline
    scaler = library("sklearn.preprocessing").StandardScaler()
    if kind == "logistic":
        classifier = library("sklearn.linear_model").LogisticRegression(C=strength, max_iter=2000)
    else:
        classifier = library("sklearn.neural_network").MLPClassifier((_HIDDEN,), alpha=strength, max_iter=80, tol=1e-3, random_state=seed)
    model = pipeline([("scale", scaler), ("classify", classifier)])
    counts = Counter(rows.labels)
    # Every emotion weighs the same: how often it occurs in a corpus says nothing of calls.
    weights = np.asarray([len(rows.labels) / (len(counts) * counts[label]) for label in rows.labels])
    with warnings.catch_warnings():
        # The network is not meant to converge: that it stops early is part of its penalty.
        warnings.simplefilter("ignore", library("sklearn.exceptions").ConvergenceWarning)
        model.fit(rows.values, np.asarray(rows.labels), classify__sample_weight=weights)
    return model
