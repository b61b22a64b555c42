"""The promised figures on the public sets: CLINC150 and BANKING77."""

from pathlib import Path

import pytest

from agents.nlu.intents import IntentModel
from tests.bench.intents.measures import calibration_error, figures, recall_at
from tests.bench.intents.sets import NoData, banking77, by_intent, clinc150

pytestmark = pytest.mark.data


def test_clinc150_is_understood_and_what_lies_outside_is_noticed(data_sets: Path) -> None:
    data = clinc150(data_sets / "intents")
    found = figures(IntentModel.train(by_intent(data.train)), data.test, data.outside)
    assert found.accuracy >= 0.91
    assert found.recall >= 0.60
    assert found.own_rejections <= 0.08
    assert found.own_recall >= 0.60
    assert found.calibration_error <= 0.08


def test_banking77_is_understood(data_sets: Path) -> None:
    data = banking77(data_sets / "intents")
    assert figures(IntentModel.train(by_intent(data.train)), data.test, ()).accuracy >= 0.88


def test_a_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoData, match=r"clinc150_full\.json is not here"):
        clinc150(tmp_path)


def test_the_measures_themselves() -> None:
    assert recall_at([0.1 * n for n in range(1, 11)], [0.0, 0.05, 0.9, 1.0], 0.05) == 0.5
    assert calibration_error([0.95] * 20, [True] * 19 + [False]) == pytest.approx(0)
    assert calibration_error([1.0, 1.0], [True, False]) == pytest.approx(0.5)
