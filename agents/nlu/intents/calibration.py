"""From scores to probabilities, and the confidence below which a sentence belongs to none; both from sentences kept out of training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.nlu.intents.targets import NOBODY
from agents.nlu.intents.vectors import Floats

FALSE_REJECTIONS: Final = 0.05
"""Share of the sentences of known intents that may be taken for none."""
_NOBODY_SHARE: Final = 0.25
"""Weight of all background sentences together, against that of all examples."""
_USUAL_SHARPNESS: Final = 4.0
_SHARPNESS_SPREAD: Final = 2.0
"""A handful of sentences says little about the sharpness: it then stays near the usual one (a normal prior)."""
_LEAST: Final = (0.3, 0.5)
"""Bounds of the least confidence, for the same reason. Below the lower one, few examples let in too much that is foreign."""
_NEWTON_STEPS: Final = 30


@dataclass(frozen=True, slots=True)
class Calibration:
    sharpness: float
    """Inverse temperature of the softmax over the scores."""
    nobody: float
    """What stands beside the sharpened scores for "none of them"."""
    least: float = 0.0
    """Confidence of the best guess below which it is none."""

    def probabilities(self, scores: Floats) -> Floats:
        """(…, intents) to (…, intents + 1), each row summing to 1; the last is "none of them"."""
        logits = np.concatenate((self.sharpness * scores, np.full((*scores.shape[:-1], 1), self.nobody)), axis=-1)
        raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
        out: Floats = raised / raised.sum(axis=-1, keepdims=True)
        return out


def calibrate(scores: Floats, labels: Sequence[int]) -> Calibration:
    """``scores`` (sentences, intents) of models that had not seen the sentence; ``labels`` may be NOBODY."""
    known = np.asarray(labels) != NOBODY
    if not known.any():
        return Calibration(_USUAL_SHARPNESS, 0.0, _LEAST[1])
    fitted = _fit(scores, np.asarray(labels), known)
    best = fitted.probabilities(scores[known])[:, :-1].max(axis=1)
    return Calibration(fitted.sharpness, fitted.nobody, float(np.clip(np.quantile(best, FALSE_REJECTIONS), *_LEAST)))


def _fit(
    scores: Floats, labels: np.ndarray[tuple[int], np.dtype[np.intp]], known: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Calibration:
    """Most probable sharpness and level of "none": Newton's method, both enter the logits linearly."""
    rows, intents = scores.shape
    wide = np.concatenate((scores.astype(np.float64), np.zeros((rows, 1))), axis=1)
    truth = np.where(known, labels, intents)
    strangers = max(1, int((~known).sum()))
    weight = np.where(known, 1.0, _NOBODY_SHARE * max(1, int(known.sum())) / strangers)
    at = np.array([_USUAL_SHARPNESS, 0.0])
    for _ in range(_NEWTON_STEPS):
        share = Calibration(float(at[0]), float(at[1])).probabilities(scores)
        mean, none = (share * wide).sum(axis=1), share[:, -1]
        slope = np.array([weight @ (mean - wide[np.arange(rows), truth]), weight @ (none - (truth == intents))])
        spread = weight @ ((share * wide**2).sum(axis=1) - mean**2)
        both = weight @ (-mean * none)
        bend = np.array([[spread, both], [both, weight @ (none * (1 - none))]]) + np.diag([_SHARPNESS_SPREAD**-2, 1e-3])
        slope += [(at[0] - _USUAL_SHARPNESS) / _SHARPNESS_SPREAD**2, 1e-3 * at[1]]
        step = np.linalg.solve(bend, slope)
        at = np.clip(at - np.clip(step, -2, 2), [0.5, -20], [30, 20])
        if np.abs(step).max() < 1e-4:
            break
    return Calibration(float(at[0]), float(at[1]))
