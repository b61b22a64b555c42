"""The figures of an intent model on sentences it has not seen."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.nlu.intents import IntentModel
from tests.bench.intents.sets import Labelled

FALSE_REJECTIONS: Final = 0.05
BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Figures:
    accuracy: float
    """Of the best guess on sentences of known intents, none rejected."""
    recall: float
    """Share of the out-of-scope sentences less sure than 95 % of the others. NaN without any."""
    own_rejections: float
    """Share of the sentences of known intents that ``best`` rejects, by the model's own bound."""
    own_recall: float
    """Share of the out-of-scope ones that it rejects. NaN without any."""
    calibration_error: float
    """Expected calibration error of the best guess on sentences of known intents, over ten bins of equal width."""
    p50_ms: float
    p99_ms: float


def figures(model: IntentModel, known: Sequence[Labelled], outside: Sequence[str]) -> Figures:
    took, right, sure = [], [], []
    for sentence in known:
        started = time.perf_counter()
        guess = model.rank(sentence.text)[0]
        took.append(time.perf_counter() - started)
        right.append(guess.name == sentence.intent)
        sure.append(guess.confidence)
    unsure = [model.rank(text)[0].confidence for text in outside]
    rejected = [model.best(sentence.text) is None for sentence in known]
    passed = [model.best(text) is None for text in outside]
    return Figures(
        accuracy=float(np.mean(right)),
        recall=recall_at(sure, unsure, FALSE_REJECTIONS),
        own_rejections=float(np.mean(rejected)),
        own_recall=float(np.mean(passed)) if passed else float("nan"),
        calibration_error=calibration_error(sure, right),
        p50_ms=1e3 * float(np.percentile(took, 50)),
        p99_ms=1e3 * float(np.percentile(took, 99)),
    )


def recall_at(known: Sequence[float], outside: Sequence[float], rejections: float) -> float:
    """Share of ``outside`` below the confidence that ``rejections`` of ``known`` lie below; NaN without any outside."""
    return float((np.array(outside) < np.quantile(known, rejections)).mean()) if len(outside) else float("nan")


def calibration_error(sure: Sequence[float], right: Sequence[bool]) -> float:
    """Mean distance of confidence and share of right ones, by bins of confidence, weighted by their sizes."""
    confidences, hits = np.array(sure), np.array(right, dtype=np.float64)
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    gaps = [abs(confidences[bins == number].sum() - hits[bins == number].sum()) for number in range(BINS)]
    return float(sum(gaps) / len(confidences))


def mean(several: Sequence[Figures]) -> Figures:
    return Figures(*(float(np.mean([getattr(each, name) for each in several])) for name in Figures.__slots__))
