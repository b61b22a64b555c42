"""The judge that ships: a few sums over published effects of emotion on the voice. Its numbers, each with its source: ``default.json``.

How aroused the voice is comes from all cues together. Whether that is anger or joy comes from what speaking up does not explain: joy
goes beyond it in pitch and melody, anger in sharpness, roughness and force.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from agents.emotion.signs import Reason, VoiceSigns
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.features import VoiceFeatures

_MOST_REASONS: Final = 6
_FURTHEST: Final = 4.0
"""Standard deviations; what is further is a wrong measure more often than a stronger feeling."""

Cues = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Parameters:
    """See ``default.json``; keys are names of cues."""

    cues: Mapping[str, Mapping[str, float]]
    arousal: Mapping[str, float]
    arousal_steepness: float
    aroused_middle: float
    aroused_steepness: float
    effort: Mapping[str, float]
    contrast: Mapping[str, tuple[float, float]]
    """Weight, and the value half way between anger and joy."""
    prior: float
    confidence: Mapping[str, float]


@cache
def shipped() -> Parameters:
    table: dict[str, Any] = json.loads((resources.files(__package__) / "default.json").read_text(encoding="utf-8"))
    contrast = table["anger_against_joy"]
    return Parameters(
        cues={name: cue["features"] for name, cue in table["cues"].items()},
        arousal=_values(table["arousal"]["weights"]),
        arousal_steepness=table["arousal"]["steepness"]["value"],
        aroused_middle=table["aroused"]["middle"]["value"],
        aroused_steepness=table["aroused"]["steepness"]["value"],
        effort=_values(table["effort"]),
        contrast={name: (entry["value"], entry["middle"]) for name, entry in contrast["weights"].items()},
        prior=contrast["prior"]["value"],
        confidence=_values(table["confidence"]),
    )


def _values(entries: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {name: entry["value"] for name, entry in entries.items()}


class DefaultJudge:
    """Stateless; may be called in several threads at once."""

    name: Final = "default"

    def judge(self, features: VoiceFeatures, baseline: Baseline) -> VoiceSigns:
        given = shipped()
        relative = {name: max(-_FURTHEST, min(_FURTHEST, value)) for name, value in baseline.relative(features).items()}
        cues = {name: sum(weight * relative[feature] for feature, weight in parts.items()) for name, parts in given.cues.items()}
        activation = sum(weight * cues[name] for name, weight in given.arousal.items()) / sum(given.arousal.values())
        anger, joy = _anger_and_joy(given, cues, activation)
        return VoiceSigns(
            arousal=_logistic(given.arousal_steepness * activation),
            valence=joy - anger,
            anger=anger,
            confidence=_confidence(given.confidence, features, baseline),
            voiced_s=features.voiced_s,
            reasons=_reasons(given, relative, features, baseline),
        )


def _anger_and_joy(given: Parameters, cues: Cues, activation: float) -> tuple[float, float]:
    """Shares of one among anger, joy and neither."""
    beyond = {name: value - given.effort.get(name, 0.0) * cues["loudness"] for name, value in cues.items()}
    contrast = sum(weight * (beyond[name] - middle) for name, (weight, middle) in given.contrast.items())
    aroused = given.aroused_steepness * (activation - given.aroused_middle)
    anger, joy = math.exp(aroused + contrast / 2 + given.prior), math.exp(aroused - contrast / 2)
    whole = 1.0 + anger + joy
    return anger / whole, joy / whole


def _confidence(given: Mapping[str, float], features: VoiceFeatures, baseline: Baseline) -> float:
    heard = features.voiced_s / (features.voiced_s + given["voiced_s"])
    clear = (features.snr_db - given["snr_none_db"]) / (given["snr_full_db"] - given["snr_none_db"])
    whole = 1.0 / (1.0 + features.clipped / given["clipped"])
    known = given["without_usual"] + (1.0 - given["without_usual"]) * baseline.confidence
    return heard * max(0.0, min(1.0, clear)) * whole * known


def _reasons(given: Parameters, relative: Cues, features: VoiceFeatures, baseline: Baseline) -> tuple[Reason, ...]:
    """What moved the arousal most, each weight about the share of the scale by which it did."""
    usual = baseline.usual()
    scale = given.arousal_steepness / 4 / sum(given.arousal.values())
    found = [
        Reason(
            f"voice.{feature}",
            round(getattr(features, feature), 2),
            round(usual[feature], 2),
            round(scale * weight * part * relative[feature], 3),
        )
        for name, weight in given.arousal.items()
        for feature, part in given.cues[name].items()
    ]
    strongest = sorted(found, key=lambda reason: -abs(reason.weight))[:_MOST_REASONS]
    return tuple(reason for reason in strongest if abs(reason.weight) >= 0.01)


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, value))))
