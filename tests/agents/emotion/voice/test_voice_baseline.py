from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.emotion.voice.baseline import Baseline, population
from agents.emotion.voice.features import NAMES, VoiceFeatures, measure
from tests.agents.emotion.voice.voice_material import gained, spoken


def features(pitch: float = 200.0, level: float = -24.0, tilt: float = -9.0, seed: int = 1) -> VoiceFeatures:
    found = measure(spoken(pitch, level_dbov=level, tilt_db=tilt, seed=seed))
    assert found is not None
    return found


CALM = features()
EXCITED = features(330.0, -12.0, -5.0)


def test_the_population_is_known_for_every_feature_and_nothing_else() -> None:
    people = population()
    assert people.mean.shape == (len(NAMES),)
    assert (people.between > 0).all()
    assert (people.within > 0).all()


def test_a_start_knows_nobody() -> None:
    start = Baseline.start()
    assert not start.ready
    assert start.confidence == 0.0
    assert tuple(start.relative(CALM)) == NAMES


def test_it_is_ready_after_the_first_seconds_and_more_sure_with_each() -> None:
    baseline, before = Baseline.start(), -1.0
    for _ in range(4):
        assert baseline.confidence > before
        before = baseline.confidence
        baseline = baseline.with_(CALM)
    assert baseline.ready
    assert 0.7 < baseline.confidence < 1


def test_learning_gives_another_and_leaves_the_first_as_it_was() -> None:
    start = Baseline.start()
    kept = start.mean.copy()
    assert start.with_(CALM) is not start
    assert (start.mean == kept).all()
    assert start.heard == 0.0
    for baseline in (start, start.with_(CALM)):
        with pytest.raises(ValueError, match="read-only"):
            baseline.mean[0] = 0.0


def test_what_was_learnt_is_usual() -> None:
    baseline = Baseline.start().with_(CALM).with_(CALM)
    near = baseline.relative(CALM)
    assert all(abs(near[name]) < 0.5 for name in ("pitch_median", "level", "alpha_ratio"))
    far = baseline.relative(EXCITED)
    assert far["pitch_median"] > 3
    assert far["level"] > 3
    assert far["alpha_ratio"] > 1.5


def test_the_same_voice_is_less_remarkable_before_it_is_known() -> None:
    assert abs(Baseline.start().relative(EXCITED)["level"]) < Baseline.start().with_(CALM).relative(EXCITED)["level"] / 2


@pytest.mark.parametrize("db", [-14.0, 8.0])
def test_loud_and_quiet_callers_are_alike_against_their_own_usual(db: float) -> None:
    pair = []
    for gain in (0.0, db):
        usual, raised = (measure(gained(spoken(200, tilt_db=-6, level_dbov=level), gain)) for level in (-28.0, -20.0))
        assert usual is not None
        assert raised is not None
        pair.append(Baseline.start().with_(usual).with_(usual).relative(raised)["level"])
    assert pair[0] == pytest.approx(pair[1], abs=0.5)


def test_an_angry_stretch_does_not_become_the_usual() -> None:
    calm = Baseline.start().with_(CALM).with_(CALM)
    after = calm
    for _ in range(6):
        after = after.with_(EXCITED)
    assert after.relative(EXCITED)["level"] > 0.8 * calm.relative(EXCITED)["level"]


def test_a_usual_learnt_from_excited_speech_goes_back_quickly() -> None:
    started = Baseline.start().with_(EXCITED)
    after = started.with_(CALM).with_(CALM)
    assert abs(after.relative(CALM)["level"]) < abs(started.relative(CALM)["level"]) / 2


def test_a_word_or_two_is_less_remarkable_than_a_sentence_that_measures_the_same() -> None:
    baseline = Baseline.start().with_(CALM).with_(CALM)
    sentence, word = replace(EXCITED, voiced_s=2.0), replace(EXCITED, voiced_s=0.3)
    assert 0 < baseline.relative(word)["alpha_ratio"] < 0.75 * baseline.relative(sentence)["alpha_ratio"]


def test_no_weight_no_learning() -> None:
    start = Baseline.start()
    assert start.with_(CALM, 0.0) is start
    assert start.with_(CALM, 0.3).heard < start.with_(CALM).heard


@given(st.lists(st.tuples(st.sampled_from([CALM, EXCITED]), st.floats(-1, 2)), max_size=30))
def test_it_stays_finite_and_between_what_it_heard(heard: list[tuple[VoiceFeatures, float]]) -> None:
    baseline = Baseline.start()
    known = np.array([baseline.mean, *(one.vector() for one, _ in heard)])
    for one, weight in heard:
        baseline = baseline.with_(one, weight)
        assert all(-6 <= value <= 6 for value in baseline.relative(one).values())
    assert (baseline.mean >= known.min(axis=0) - 1e-9).all()
    assert (baseline.mean <= known.max(axis=0) + 1e-9).all()
    assert 0 <= baseline.confidence < 1
    assert baseline.heard <= 8.0 + 1e-9
