"""A model of the user's own (``./patchcord emotion train``): MODEL.onnx gives probabilities of emotions, MODEL.json says what they mean."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from agents.emotion.signs import Reason, VoiceSigns
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.errors import ModelUnusable
from agents.emotion.voice.features import NAMES, VERSION, VoiceFeatures
from agents.emotion.voice.probe import agrees

FORMAT: Final = 1
"""Of MODEL.json."""
ANGRY: Final = "angry"
_ANEW: Final = "train it anew with: ./patchcord emotion train"
_REASONS: Final = 6
_LEAST_MOVED: Final = 0.01
_SURE: Final = 12.0
"""Log odds beyond which nothing changes."""
_FULL_VOICED_S: Final = 1.5
_SNR_DB: Final = (3.0, 15.0)
"""Below the first the noise is judged, above the second it does not matter."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What MODEL.json says of the model beside it."""

    labels: tuple[str, ...]
    """In the order of the probabilities."""
    arousal: NDArray[np.float64]
    """0 to 1, of each label."""
    valence: NDArray[np.float64]
    """-1 to 1, of each label."""
    thresholds: Mapping[str, float]
    """Raw scores of ``anger`` and ``arousal`` that mean 0.5."""
    sha256: str


class OnnxJudge:
    """Thread-safe. ``path``: MODEL.onnx. Raises ModelUnusable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        card = path.with_suffix(".json")
        self.meaning = _meaning(card)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelUnusable(f"{path}: cannot be read ({error.strerror}); name the .onnx file that training wrote") from error
        if hashlib.sha256(data).hexdigest() != self.meaning.sha256:
            raise ModelUnusable(f"{path}: is not the model that {card.name} describes; copy both files again, or {_ANEW}")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session: Any = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            self._input = self._session.get_inputs()[0].name
            tried = self.probabilities(np.zeros((1, len(NAMES)), dtype=np.float32))
        except Exception as error:
            raise ModelUnusable(f"{path}: onnxruntime cannot run it ({error}); {_ANEW}") from error
        if tried.shape != (1, len(self.meaning.labels)) or not np.all(np.isfinite(tried)):
            raise ModelUnusable(f"{path}: its answer has not the labels of {card.name}; {_ANEW}")

    @property
    def name(self) -> str:
        return f"{self._path.stem} {self.meaning.sha256[:8]}"

    def judge(self, features: VoiceFeatures, baseline: Baseline) -> VoiceSigns:
        relative = row(features, baseline)
        # The utterance itself, then with one feature after the other as usual: what a feature moves is its part in the judgement.
        batch = np.repeat(relative[np.newaxis], len(NAMES) + 1, axis=0)
        batch[np.arange(1, len(batch)), np.arange(len(NAMES))] = 0.0
        found = self.probabilities(batch)
        anger, arousal = self._scaled(found)
        confidence = _confidence(features, baseline)
        return VoiceSigns(
            arousal=float(arousal[0]),
            valence=float(np.clip(found[0] @ self.meaning.valence, -1.0, 1.0)),
            anger=float(anger[0]),
            confidence=confidence,
            voiced_s=features.voiced_s,
            reasons=_reasons(features, baseline, arousal[0] - arousal[1:]),
        )

    def probabilities(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Of the labels, shape (rows, labels). ``rows`` as of ``row``."""
        return np.asarray(self._session.run(["probabilities"], {self._input: rows})[0], dtype=np.float64)

    def _scaled(self, found: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Anger and arousal, 0 to 1, with the model's thresholds at 0.5."""
        anger = found[:, self.meaning.labels.index(ANGRY)]
        return _centred(anger, self.meaning.thresholds["anger"]), _centred(found @ self.meaning.arousal, self.meaning.thresholds["arousal"])


def row(features: VoiceFeatures, baseline: Baseline) -> NDArray[np.float32]:
    """What a model is given: features relative to the baseline in the order of NAMES, shape (len(NAMES),)."""
    relative = baseline.relative(features)
    return np.asarray([relative[name] for name in NAMES], dtype=np.float32)


def _meaning(card: Path) -> Meaning:
    try:
        data = json.loads(card.read_text("utf-8"))
        if data["format"] != FORMAT:
            raise ModelUnusable(f"{card}: has format {data['format']}, this version reads {FORMAT}; {_ANEW}")
        _check_features(card, tuple(data["features"]), data["measurement"], [float(value) for value in data["probe"]])
        labels = tuple(str(label) for label in data["labels"])
        places = [data["places"][label] for label in labels]
        thresholds = {name: float(data["thresholds"][name]) for name in ("anger", "arousal")}
        if ANGRY not in labels:
            raise ModelUnusable(f"{card}: the model does not know the label {ANGRY}; {_ANEW}")
        arousal, valence = (np.asarray([float(place[which]) for place in places]) for which in ("arousal", "valence"))
        return Meaning(labels, arousal, valence, thresholds, str(data["sha256"]))
    except OSError as error:
        raise ModelUnusable(
            f"{card}: cannot be read ({error.strerror}); it belongs beside the .onnx file, copy it from where it was trained"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnusable(f"{card}: is not the description that training wrote ({error!r}); {_ANEW}") from error


def _check_features(card: Path, names: tuple[str, ...], version: int, probe: list[float]) -> None:
    if names != NAMES:
        unknown, missing = sorted(set(names) - set(NAMES)), sorted(set(NAMES) - set(names))
        different = "; ".join(
            f"{what}: {', '.join(which[:4])}{' …' if len(which) > 4 else ''}"
            for what, which in (("not measured any more", unknown), ("new", missing))
            if which
        )
        raise ModelUnusable(
            f"{card}: was trained on other features than this version measures ({different or 'in another order'}); {_ANEW}"
        )
    if version != VERSION or not agrees(probe):
        raise ModelUnusable(f"{card}: was trained when the features were measured differently; {_ANEW}")


def _centred(scores: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    shifted = np.clip(_log_odds(scores) - _log_odds(np.asarray([threshold])), -_SURE, _SURE)
    return np.asarray(1 / (1 + np.exp(-shifted)), dtype=np.float64)


def _log_odds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(scores, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)


def _confidence(features: VoiceFeatures, baseline: Baseline) -> float:
    voice = min(1.0, features.voiced_s / _FULL_VOICED_S)
    clear = min(1.0, max(0.0, (features.snr_db - _SNR_DB[0]) / (_SNR_DB[1] - _SNR_DB[0])))
    return math.sqrt(voice) * clear * (0.5 + 0.5 * baseline.confidence)


def _reasons(features: VoiceFeatures, baseline: Baseline, moved: NDArray[np.float64]) -> tuple[Reason, ...]:
    strongest = np.argsort(-np.abs(moved), kind="stable")[:_REASONS]
    usual = baseline.usual()
    return tuple(
        Reason(f"voice.{name}", round(getattr(features, name), 2), round(usual[name], 2), round(float(moved[one]), 3))
        for one, name in ((one, NAMES[one]) for one in strongest)
        if abs(moved[one]) >= _LEAST_MOVED
    )
