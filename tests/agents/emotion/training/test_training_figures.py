"""Figures agree with a second implementation, and intervals are of speakers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.training.figures import Estimate, auc, best_threshold, by_speaker, confusion, roc, uar

metrics = pytest.importorskip("sklearn.metrics", reason="not installed: pip install '.[emotion]'")

scored = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=60).filter(
    lambda rows: len({one for one, _ in rows}) == 2
)


@given(rows=scored)
def test_auc_and_roc_are_those_of_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    positive, scores = np.asarray([one for one, _ in rows]), np.asarray([float(score) for _, score in rows])
    assert auc(positive, scores) == pytest.approx(metrics.roc_auc_score(positive, scores))
    false, true = roc(positive, scores)
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert metrics.auc(false, true) == pytest.approx(auc(positive, scores))


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60).filter(
        lambda rows: len({one for one, _ in rows}) > 1
    )
)
def test_uar_and_confusion_are_those_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    truth, said = np.asarray([one for one, _ in rows]), np.asarray([other for _, other in rows])
    expected = np.mean([np.mean(said[truth == each] == each) for each in set(truth.tolist())])
    assert uar(truth, said) == pytest.approx(expected)
    assert np.array_equal(confusion(truth, said, 4), metrics.confusion_matrix(truth, said, labels=range(4)))
    if set(said.tolist()) <= set(truth.tolist()):
        assert uar(truth, said) == pytest.approx(metrics.balanced_accuracy_score(truth, said))


def test_one_class_alone_has_no_figures() -> None:
    assert math.isnan(auc(np.asarray([True, True]), np.asarray([0.1, 0.2])))
    assert math.isnan(uar(np.asarray([1, 1]), np.asarray([1, 0])))


@given(rows=scored)
def test_no_threshold_between_scores_divides_better(rows: list[tuple[bool, int]]) -> None:
    positive, scores = np.asarray([one for one, _ in rows]), np.asarray([float(score) for _, score in rows])

    def gain(cut: float) -> float:
        return float(np.mean(scores[positive] >= cut) - np.mean(scores[~positive] >= cut))

    if len(set(scores.tolist())) > 1:
        cuts = np.unique(scores)
        assert gain(best_threshold(positive, scores)) >= max(gain(float(cut)) for cut in cuts[1:]) - 1e-9


def test_the_interval_is_of_speakers_not_of_clips() -> None:
    draw = np.random.default_rng(1)
    truth = draw.integers(0, 2, 400)
    right = np.concatenate([np.full(200, 1), np.full(200, 0)])
    said = np.where(right == 1, truth, 1 - truth)
    by_two = by_speaker(["a"] * 200 + ["b"] * 200, lambda rows: uar(truth[rows], said[rows]))
    by_many = by_speaker([str(number) for number in range(400)], lambda rows: uar(truth[rows], said[rows]))
    assert by_two.value == by_many.value == pytest.approx(0.5, abs=0.05)
    assert (by_two.low, by_two.high) == (0.0, 1.0)
    assert by_many.high - by_many.low < 0.15


def test_the_same_seed_gives_the_same_interval_and_a_single_speaker_none() -> None:
    truth, said = np.asarray([0, 1] * 20), np.asarray([0, 1, 1, 1] * 10)
    names = [str(number // 4) for number in range(40)]
    assert by_speaker(names, lambda rows: uar(truth[rows], said[rows])) == by_speaker(names, lambda rows: uar(truth[rows], said[rows]))
    alone = by_speaker(["a"] * 40, lambda rows: uar(truth[rows], said[rows]))
    assert alone.value == pytest.approx(0.75)
    assert math.isnan(alone.low)
    assert (str(alone), alone.plain()) == ("0.750", {"value": 0.75, "low": None, "high": None})


def test_how_an_estimate_reads() -> None:
    assert str(Estimate(0.9126, 0.88, 0.95)) == "0.913 (0.880 to 0.950)"
    assert str(Estimate(math.nan, math.nan, math.nan)) == "-"
