"""Evaluations of corpora in which something is missing: what cannot be said is left open, in figures, pictures and JSON alike."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from agents.emotion.signs import VoiceSigns
from agents.emotion.training.corpus import corpus
from agents.emotion.training.errors import TooFew, TrainingProblem
from agents.emotion.training.evaluating import Evaluation, evaluated
from agents.emotion.training.measuring import Measured, Take, measured
from agents.emotion.training.report import cells, table, write
from agents.emotion.training.trying import trained_on, try_out
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.default import DefaultJudge
from agents.emotion.voice.features import VoiceFeatures
from tests.agents.emotion.training.synthetic_voices import write_clip, write_ravdess

pytest.importorskip("matplotlib", reason="not installed: pip install '.[emotion]'")


class LevelJudge:
    """Says how far the level is above the usual: a judge whose right answers are known."""

    name = "level"

    def judge(self, features: VoiceFeatures, baseline: Baseline) -> VoiceSigns:
        above = 1 / (1 + np.exp(-(baseline.relative(features)["level"] - 1.0)))
        return VoiceSigns(arousal=float(above), valence=0.0, anger=float(above), confidence=1.0, voiced_s=features.voiced_s)


def heard(folder: Path, labels: tuple[str, ...], given: Mapping[str, str] | None = None, actors: int = 2) -> Measured:
    takes, _ = measured(corpus(write_ravdess(folder, actors, labels), labels=given).clips, [Take("clean")])
    return takes[0]


def test_figures_are_of_the_answers(tmp_path: Path) -> None:
    """Angry voices are 9 dB louder than neutral ones, whoever speaks: with the own baseline the level tells them all."""
    found = evaluated(LevelJudge(), "ravdess", heard(tmp_path, ("angry", "neutral"), actors=4), "own")
    assert (found.clips, found.speakers, found.without_baseline) == (4 * 3, 4, 0)
    assert found.anger.auc.value == found.anger.uar.value == 1.0
    assert found.anger.confusion.tolist() == [[4, 0], [0, 8]]
    assert found.emotions["angry"]["anger"] > 0.5 > found.emotions["neutral"]["anger"]
    assert found.labels is None


def missing(found: Evaluation, folder: Path) -> None:
    files = write([found], folder)
    data = json.loads(files[-1].read_text("utf-8"))
    assert "NaN" not in files[-1].read_text("utf-8")
    assert data["evaluations"][0]["anger"]["auc"] == {"value": None, "low": None, "high": None}
    assert [file.suffix for file in files] == [".png", ".png", ".json"]
    assert cells(found)[-4:] == ("-", "-", "-", "-")
    assert table([found]).splitlines()[1].startswith("ravdess")


def test_a_corpus_without_anger(tmp_path: Path) -> None:
    missing(evaluated(DefaultJudge(), "ravdess", heard(tmp_path / "clips", ("neutral", "sad")), "own"), tmp_path / "out")


def test_a_corpus_of_emotions_of_no_side(tmp_path: Path) -> None:
    found = evaluated(DefaultJudge(), "ravdess", heard(tmp_path / "clips", ("sad",), {"sad": "disgusted"}), "own")
    assert (found.clips, found.without_baseline, len(found.arousal.scores)) == (4, 2, 0)
    missing(found, tmp_path / "out")


def test_a_corpus_without_voice(tmp_path: Path) -> None:
    write_clip(tmp_path / "03-01-05-01-01-01-01.wav", (np.random.default_rng(1).normal(0, 300, 16_000)).astype(np.int16))
    with pytest.raises(TooFew, match=r"no clip of ravdess has a quarter of a second of voice: are these recordings of speech\?"):
        try_out(DefaultJudge(), trained_on(None), [corpus(tmp_path)], ["clean"])


def test_where_figures_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = evaluated(DefaultJudge(), "ravdess", heard(tmp_path / "clips", ("neutral",)), "own")
    with pytest.raises(TrainingProblem, match=r"cannot be written .*; choose another --out"):
        write([found], tmp_path / "file" / "out")
