"""A real, tiny training on voices made by formula: to ONNX and back, tested on people whom it has not heard, with its card."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.emotion.training.corpus import corpus
from agents.emotion.training.errors import ExtraMissing, TooFew, TrainingProblem
from agents.emotion.training.export import as_onnx, speaker_digest
from agents.emotion.training.fitting import KINDS, Kind, fit
from agents.emotion.training.making import Made, Order, make
from agents.emotion.training.measuring import Take, measured
from agents.emotion.training.rows import Rows, speakers, training_rows
from agents.emotion.training.trying import trained_on, try_out
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.choosing import open_judge
from agents.emotion.voice.default import DefaultJudge
from agents.emotion.voice.errors import ModelUnusable
from agents.emotion.voice.features import NAMES
from agents.emotion.voice.onnx_judge import OnnxJudge
from agents.emotion.voice.probe import TOLERANCE, measured_probe
from tests.agents.emotion.training.synthetic_voices import write_named, write_ravdess

for needed in ("sklearn", "skl2onnx", "matplotlib"):
    pytest.importorskip(needed, reason="not installed: pip install '.[emotion]'")

ACTORS = 8


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ravdess(tmp_path_factory.mktemp("clips"), ACTORS)


@pytest.fixture(scope="module")
def order(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Order:
    return Order([corpus(clips)], tmp_path_factory.mktemp("model") / "tiny.onnx", lines=1)


@pytest.fixture(scope="module")
def made(order: Order) -> Made:
    return make(order)


@pytest.fixture(scope="module")
def rows(clips: Path) -> Rows:
    takes, _ = measured(corpus(clips).clips, [Take("ulaw")])
    return training_rows(takes, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_onnx_answers_as_the_fitted_model(rows: Rows, kind: Kind, tmp_path: Path) -> None:
    import onnxruntime as ort

    fitted = fit(rows, kind, 0)
    session = ort.InferenceSession(as_onnx(fitted, rows), providers=["CPUExecutionProvider"])
    unseen = np.random.default_rng(0).normal(0, 2, (50, len(NAMES))).astype(np.float32)
    assert np.allclose(session.run(["probabilities"], {"features": unseen})[0], fitted.probabilities(unseen), atol=1e-4)
    assert fitted.labels == ("angry", "calm", "happy", "neutral", "sad")
    assert (
        np.mean([fitted.labels[one] == label for one, label in zip(fitted.probabilities(rows.values).argmax(1), rows.labels, strict=True)])
        > 0.6
    )


def test_the_written_model_judges_as_it_was_fitted(order: Order, made: Made) -> None:
    """From a clip to the judgement: the loaded model gives the probabilities that scikit-learn gives for the same row."""
    judge = OnnxJudge(order.out)
    parts = frozenset(
        clip.who for clip in order.corpora[0].clips if speaker_digest(clip.who) in made.description["provenance"]["trained_speakers"]
    )
    trained = [clip for clip in order.corpora[0].clips if clip.who in parts]
    takes, _ = measured(trained, [Take("clean"), Take("line", 1)])
    again = training_rows(takes, order.seed)
    fitted = fit(again, order.kind, order.seed)
    assert judge.meaning.labels == fitted.labels
    assert np.allclose(judge.probabilities(again.values), fitted.probabilities(again.values), atol=1e-4)
    assert judge.meaning.thresholds == pytest.approx(fitted.thresholds, abs=1e-5)


def test_it_is_tested_on_people_whom_it_has_not_heard(order: Order, made: Made) -> None:
    of = made.description["provenance"]
    assert set(of["trained_speakers"]).isdisjoint(of["tested_speakers"])
    assert len(of["trained_speakers"]) + len(of["tested_speakers"]) == ACTORS
    assert {(one.condition, one.usual) for one in made.evaluations} == {
        (c, u) for c in ("clean", "ulaw", "alaw", "line") for u in ("own", "none")
    }
    for one in made.evaluations:
        assert (one.speakers, one.relation) == (2, "within")
    own = next(one for one in made.evaluations if (one.condition, one.usual) == ("ulaw", "own"))
    assert own.arousal.auc.value > 0.9
    assert own.anger.auc.value > 0.8
    assert own.labels is not None
    assert own.labels.confusion.sum() == own.clips == 2 * 10 - 2


def test_the_judge_tells_an_angry_voice_with_reasons(order: Order, made: Made) -> None:
    judge = open_judge(str(order.out))
    assert isinstance(judge, OnnxJudge)
    takes, _ = measured(order.corpora[0].clips, [Take("ulaw")])
    found: dict[str, list[float]] = {}
    for speaker in speakers(takes[0], 0):
        for clip, features in speaker.others:
            signs = judge.judge(features, speaker.baseline())
            assert 0 <= signs.anger <= 1
            assert 0 <= signs.arousal <= 1
            assert -1 <= signs.valence <= 1
            assert 0 < signs.confidence <= 1
            assert len(signs.reasons) <= 6
            assert [abs(reason.weight) for reason in signs.reasons] == sorted(
                (abs(reason.weight) for reason in signs.reasons), reverse=True
            )
            assert all(reason.signal.removeprefix("voice.") in NAMES and reason.usual is not None for reason in signs.reasons)
            found.setdefault(clip.label, []).append(signs.anger)
            assert judge.judge(features, Baseline.start()).confidence < signs.confidence
    means = {label: float(np.mean(values)) for label, values in found.items()}
    assert max(means, key=lambda label: means[label]) == "angry"
    assert means["angry"] > 0.5 > means["neutral"]


def test_the_same_order_makes_the_same_model(order: Order, made: Made, tmp_path: Path) -> None:
    again = make(replace(order, out=tmp_path / "again.onnx"))
    assert again.description == made.description
    assert (tmp_path / "again.onnx").read_bytes() == order.out.read_bytes()
    assert [one.plain() for one in again.evaluations] == [{**one.plain(), "judge": again.evaluations[0].judge} for one in made.evaluations]


def test_all_files_are_there_and_the_card_says_what_must_be_said(order: Order, made: Made) -> None:
    assert all(file.stat().st_size for file in made.files)
    assert {file.suffix for file in made.files} == {".onnx", ".json", ".md", ".png"}
    for file in made.files:
        if file.suffix == ".png":
            assert file.read_bytes().startswith(b"\x89PNG")
    page = order.out.with_suffix(".md").read_text("utf-8")
    for words in (
        "Not for employees",
        "CC BY-NC-SA 4.0",
        "do not use or ship it commercially",
        "80 clips",
        "Trained on 6 speakers, tested on 2 others",
    ):
        assert words in page
    figures = json.loads((order.out.parent / "tiny-figures.json").read_text("utf-8"))
    assert len(figures["evaluations"]) == 8
    assert str(made.evaluations[0].arousal.auc) in page
    text = page + order.out.with_suffix(".json").read_text("utf-8")
    assert str(order.out.parent) not in text


def test_a_model_that_is_there_is_not_overwritten(order: Order, made: Made) -> None:
    with pytest.raises(TrainingProblem, match=r"tiny\.onnx: is there already; choose another --out, or overwrite it with --replace"):
        make(order)


def test_without_a_library_nothing_begins(order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(ExtraMissing, match=r"need skl2onnx .*pip install '\.\[emotion\]'"):
        make(replace(order, out=tmp_path / "model.onnx"))


def test_where_nothing_can_be_written(order: Order, rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TrainingProblem, match=r"model\.onnx: cannot be written .*; choose another --out"):
        make(replace(order, out=tmp_path / "file" / "model.onnx", lines=0))


def only(rows: Rows, *labels: str) -> Rows:
    kept = [number for number, label in enumerate(rows.labels) if label in labels]
    return Rows(rows.values[kept], tuple(rows.labels[one] for one in kept), tuple(rows.speakers[one] for one in kept))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (("neutral", "sad"), r"nobody is angry in the training clips \(labels: neutral, sad\); add clips labelled angry"),
        (("angry", "happy"), r"all training clips are of aroused speech; add neutral, calm or sad ones"),
    ],
)
def test_labels_that_nothing_can_be_learnt_of(rows: Rows, labels: tuple[str, ...], message: str) -> None:
    with pytest.raises(TooFew, match=message):
        fit(only(rows, *labels), "logistic", 0)


def test_a_label_of_a_single_speaker(rows: Rows) -> None:
    first = rows.speakers[0]
    kept = [number for number, label in enumerate(rows.labels) if label != "sad" or rows.speakers[number] == first]
    part = Rows(rows.values[kept], tuple(rows.labels[one] for one in kept), tuple(rows.speakers[one] for one in kept))
    with pytest.raises(TooFew, match=r"a single training speaker has clips labelled sad.*--label sad=EMOTION.*--label sad=-"):
        fit(part, "logistic", 0)


def test_a_model_is_tried_within_and_across_corpora(order: Order, made: Made, tmp_path: Path) -> None:
    own = corpus(
        write_named(tmp_path / "own", ["anna", "ben"], ["angry", "neutral", "sad"]), pattern=r"(?P<speaker>[^/]+)/.*_(?P<label>[a-z]+)"
    )
    tried = try_out(OnnxJudge(order.out), trained_on(order.out), [*order.corpora, own], ["ulaw"])
    assert [(one.corpus, one.relation, one.usual, one.speakers) for one in tried.evaluations] == [
        ("ravdess", "within", "own", 2),
        ("ravdess", "within", "none", 2),
        ("own", "across", "own", 2),
        ("own", "across", "none", 2),
    ]
    assert tried.left_out == 6 * 10
    default = try_out(DefaultJudge(), trained_on(None), [own], ["clean"])
    assert {(one.judge, one.relation, one.labels) for one in default.evaluations} == {("default", "across", None)}
    assert default.left_out == 0


def test_nobody_is_left_to_be_tried_on(order: Order, made: Made) -> None:
    of = set(made.description["provenance"]["trained_speakers"])
    whole = order.corpora[0]
    trained = replace(whole, clips=tuple(clip for clip in whole.clips if speaker_digest(clip.who) in of))
    with pytest.raises(TooFew, match="was trained on every speaker of ravdess: give --data with other people"):
        try_out(OnnxJudge(order.out), trained_on(order.out), [trained], ["clean"])


def changed(order: Order, folder: Path, **values: Any) -> Path:
    """A copy of the model whose description differs."""
    described = {**json.loads(order.out.with_suffix(".json").read_text("utf-8")), **values}
    (folder / "copy.json").write_text(json.dumps(described), "utf-8")
    (folder / "copy.onnx").write_bytes(order.out.read_bytes())
    return folder / "copy.onnx"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"features": [*NAMES[1:], "loudness"]},
            rf"was trained on other features than this version measures \(not measured any more: loudness; new: {NAMES[0]}\)",
        ),
        ({"features": [*NAMES[1:], NAMES[0]]}, r"other features than this version measures \(in another order\)"),
        ({"measurement": 99}, r"was trained when the features were measured differently"),
        ({"probe": [value + 2 * TOLERANCE for value in measured_probe()]}, r"was trained when the features were measured differently"),
        ({"probe": []}, r"measured differently"),
        ({"format": 2}, r"has format 2, this version reads 1"),
        ({"labels": ["happy", "sad"]}, r"does not know the label angry"),
        ({"labels": ["angry", "sad"]}, r"its answer has not the labels of copy\.json"),
        ({"sha256": "0" * 64}, r"copy\.onnx: is not the model that copy\.json describes"),
        ({"thresholds": {}}, r"is not the description that training wrote \(KeyError\('anger'\)\)"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_with_the_remedy(
    order: Order, made: Made, tmp_path: Path, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelUnusable, match=message + r".*train it anew with: \./patchcord emotion train"):
        OnnxJudge(changed(order, tmp_path, **values))


def test_files_that_are_missing_or_no_model(order: Order, made: Made, tmp_path: Path) -> None:
    import hashlib

    with pytest.raises(ModelUnusable, match=r"none\.json: cannot be read \(No such file or directory\); it belongs beside the \.onnx file"):
        OnnxJudge(tmp_path / "none.onnx")
    path = changed(order, tmp_path, sha256=hashlib.sha256(b"no model").hexdigest())
    path.write_bytes(b"no model")
    with pytest.raises(ModelUnusable, match=r"copy\.onnx: onnxruntime cannot run it"):
        OnnxJudge(path)
    path.unlink()
    with pytest.raises(ModelUnusable, match=r"copy\.onnx: cannot be read .*; name the \.onnx file that training wrote"):
        OnnxJudge(path)
    path.with_suffix(".json").write_text("[]", "utf-8")
    with pytest.raises(ModelUnusable, match=r"copy\.json: is not the description that training wrote"):
        OnnxJudge(path)


def test_no_path_means_the_default() -> None:
    assert isinstance(open_judge(""), DefaultJudge)


def test_the_probe_is_within_its_tolerance_of_a_quieter_rounding() -> None:
    """What the check compares is finite, not at the limits, and far from zero in most features: a change would show."""
    values = np.asarray(measured_probe())
    assert np.isfinite(values).all()
    assert np.mean((np.abs(values) > TOLERANCE) & (np.abs(values) < 6)) > 0.6
