"""The model as files: MODEL.onnx, and MODEL.json that says what it takes and what its answers mean."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np

from agents.emotion.training.corpus import Corpus
from agents.emotion.training.errors import TrainingProblem
from agents.emotion.training.extra import library
from agents.emotion.training.fitting import Fitted
from agents.emotion.training.labels import PLACES
from agents.emotion.training.rows import Rows
from agents.emotion.voice.features import NAMES, VERSION
from agents.emotion.voice.onnx_judge import FORMAT
from agents.emotion.voice.probe import measured_probe

TOLERANCE: Final = 1e-4
"""Between the probabilities of scikit-learn and of ONNX."""
_OPSET: Final = 17


def as_onnx(fitted: Fitted, rows: Rows) -> bytes:
    """Checked on ``rows`` to answer as the fitted model does. Raises TrainingProblem, ExtraMissing."""
    floats = library("skl2onnx.common.data_types").FloatTensorType([None, len(NAMES)])
    converted = library("skl2onnx").to_onnx(
        fitted.model,
        initial_types=[("features", floats)],
        options={id(fitted.model.steps[-1][1]): {"zipmap": False}},
        target_opset=_OPSET,
    )
    data: bytes = converted.SerializeToString()
    session = library("onnxruntime").InferenceSession(data, providers=["CPUExecutionProvider"])
    answered = session.run(["probabilities"], {"features": rows.values})[0]
    apart = float(np.abs(answered - fitted.probabilities(rows.values)).max())
    if apart > TOLERANCE:
        raise TrainingProblem(
            f"the ONNX model answers differently from the fitted one (by {apart:.2g}); nothing was written, please report this"
        )
    return data


def description(fitted: Fitted, onnx: bytes, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """MODEL.json."""
    scaler = fitted.model.named_steps["scale"]
    return {
        "format": FORMAT,
        "sha256": hashlib.sha256(onnx).hexdigest(),
        "measurement": VERSION,
        "features": list(NAMES),
        "unit": "standard deviations from the caller's own usual, as of Baseline.relative",
        "scaling": {"mean": _rounded(scaler.mean_), "scale": _rounded(scaler.scale_), "note": "done inside the model"},
        "labels": list(fitted.labels),
        "places": {label: {"arousal": PLACES[label].arousal, "valence": PLACES[label].valence} for label in fitted.labels},
        "thresholds": {name: round(value, 6) for name, value in fitted.thresholds.items()},
        "probe": list(measured_probe()),
        "provenance": dict(provenance),
    }


def provenance(
    corpora: Sequence[Corpus], fitted: Fitted, trained: frozenset[str], tested: frozenset[str], takes: Sequence[str], seed: int
) -> dict[str, Any]:
    """Where the model comes from; speakers of own recordings by a digest only."""
    return {
        "corpora": [
            {
                "name": corpus.name,
                "format": corpus.format,
                "licence": corpus.licence or "unknown to the program",
                "clips": len(corpus.clips),
                "labels": corpus.counts(),
                "names_sha256": _names_digest(corpus),
            }
            for corpus in corpora
        ],
        "trained_speakers": sorted(speaker_digest(who) for who in trained),
        "tested_speakers": sorted(speaker_digest(who) for who in tested),
        "kind": fitted.kind,
        "strength": fitted.strength,
        "tried": {str(strength): round(value, 4) for strength, value in fitted.tried.items()},
        "takes": list(takes),
        "seed": seed,
        "made_with": {name: metadata.version(name) for name in ("scikit-learn", "skl2onnx", "onnx", "numpy")},
    }


def speaker_digest(who: str) -> str:
    """``who`` as CORPUS:SPEAKER. Keeps names out of the file; it is no protection against somebody who guesses them."""
    return hashlib.sha256(who.encode()).hexdigest()[:16]


def written(path: Path, onnx: bytes, described: Mapping[str, Any]) -> None:
    """Both files, each whole or not at all. Raises TrainingProblem."""
    text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for target, content in ((path, onnx), (path.with_suffix(".json"), text.encode())):
            partial = target.with_name(f".{target.name}.part")
            partial.write_bytes(content)
            partial.replace(target)
    except OSError as error:
        raise TrainingProblem(f"{path}: cannot be written ({error.strerror}); choose another --out") from error


def _names_digest(corpus: Corpus) -> str:
    names = "\n".join(f"{clip.path.name} {clip.label} {clip.who}" for clip in corpus.clips)
    return hashlib.sha256(names.encode()).hexdigest()


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 6) for value in values]
