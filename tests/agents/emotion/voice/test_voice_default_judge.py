import json
from importlib import resources
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.emotion.signs import VoiceSigns
from agents.emotion.voice.baseline import Baseline, population
from agents.emotion.voice.default import DefaultJudge, shipped
from agents.emotion.voice.features import NAMES, VoiceFeatures, measure
from agents.emotion.voice.judge import VoiceJudge
from tests.agents.emotion.voice.voice_material import gained, spoken, telephone

JUDGE: VoiceJudge = DefaultJudge()


def heard(**how: float) -> VoiceFeatures:
    found = measure(telephone(spoken(**({"pitch_hz": 200.0, "gap_s": 0.1} | how))))  # type: ignore[arg-type]
    assert found is not None
    return found


USUAL = heard(swing_st=1.0)
KNOWN = Baseline.start().with_(USUAL).with_(USUAL).with_(USUAL)
FORCEFUL = heard(pitch_hz=240.0, level_dbov=-13.0, tilt_db=-3.0, shake_percent=2.0)
JOYFUL = heard(pitch_hz=275.0, level_dbov=-21.0, tilt_db=-9.0, swing_st=4.0)
SUBDUED = heard(pitch_hz=180.0, level_dbov=-32.0, tilt_db=-13.0, swing_st=0.4, syllable_s=0.32)


def test_the_usual_is_half_aroused_without_valence_or_anger() -> None:
    signs = JUDGE.judge(USUAL, KNOWN)
    assert signs.arousal == pytest.approx(0.5, abs=0.05)
    assert abs(signs.valence) < 0.15
    assert signs.anger < 0.2


def test_force_and_sharpness_are_anger_pitch_and_melody_joy() -> None:
    angry, joyful = JUDGE.judge(FORCEFUL, KNOWN), JUDGE.judge(JOYFUL, KNOWN)
    assert angry.arousal > 0.8
    assert joyful.arousal > 0.7
    assert angry.anger > 0.7
    assert joyful.anger < 0.5
    assert angry.valence < -0.4
    assert joyful.valence > angry.valence + 0.6


def test_a_subdued_voice_is_neither() -> None:
    signs = JUDGE.judge(SUBDUED, KNOWN)
    assert signs.arousal < 0.3
    assert signs.anger < 0.05


def test_a_voice_that_is_louder_alone_because_the_line_is_is_no_anger() -> None:
    found = measure(gained(telephone(spoken(200.0, gap_s=0.1)), 6))
    assert found is not None
    assert JUDGE.judge(found, KNOWN).anger < 0.5


def test_reasons_name_features_with_what_is_usual_strongest_first() -> None:
    signs = JUDGE.judge(FORCEFUL, KNOWN)
    assert 1 <= len(signs.reasons) <= 6
    assert [abs(one.weight) for one in signs.reasons] == sorted((abs(one.weight) for one in signs.reasons), reverse=True)
    level = next(one for one in signs.reasons if one.signal == "voice.level")
    assert level.usual is not None
    assert level.value - level.usual == pytest.approx(FORCEFUL.level - KNOWN.usual()["level"], abs=0.02)
    assert level.weight > 0
    assert all(one.weight < 0 for one in JUDGE.judge(SUBDUED, KNOWN).reasons if one.signal == "voice.level")


def confidence(features: VoiceFeatures | None, baseline: Baseline = KNOWN) -> float:
    assert features is not None
    return JUDGE.judge(features, baseline).confidence


def test_confidence_falls_with_noise_little_voice_clipping_and_no_usual() -> None:
    clean = spoken(200.0, gap_s=0.12)
    whole = confidence(measure(clean))
    noises = [confidence(measure(spoken(200.0, gap_s=0.12, noise_dbov=level))) for level in (-75, -44, -37)]
    assert noises[0] > noises[1] > noises[2]
    assert noises[2] < 0.5 * whole
    assert confidence(measure(spoken(200.0, gap_s=0.12, syllables=3))) < 0.8 * whole
    assert confidence(measure(gained(clean, 25))) < 0.5 * whole
    assert confidence(measure(clean), Baseline.start()) < 0.5 * whole


@settings(max_examples=200)
@given(
    scale=st.lists(st.floats(-1e6, 1e6), min_size=len(NAMES), max_size=len(NAMES)),
    known=st.booleans(),
    quality=st.tuples(*[st.floats(0, 60)] * 2),
)
def test_any_features_give_levels_in_their_ranges(scale: list[float], known: bool, quality: tuple[float, float]) -> None:
    values = population().mean + np.array(scale)
    features = VoiceFeatures(**dict(zip(NAMES, values.tolist(), strict=True)), voiced_s=quality[0] + 0.25, snr_db=quality[1], clipped=0.0)
    signs = JUDGE.judge(features, KNOWN if known else Baseline.start())
    assert in_range(signs)


def in_range(signs: VoiceSigns) -> bool:
    return 0 <= signs.arousal <= 1 and -1 <= signs.valence <= 1 and 0 <= signs.anger <= 1 and 0 <= signs.confidence <= 1


def table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((resources.files("agents.emotion.voice") / name).read_text(encoding="utf-8"))
    return found


def test_every_number_of_the_default_has_a_source_that_is_listed() -> None:
    given = table("default.json")

    def check(node: dict[str, Any], path: str) -> int:
        if "source" in node:
            assert node["source"] in given["sources"], path
            assert node["why"], path
            return 1
        for key, value in node.items():
            assert isinstance(value, dict), f"{path}.{key} is a bare number"
        return sum(check(value, f"{path}.{key}") for key, value in node.items())

    assert sum(check(given[part], part) for part in given if part not in ("about", "sources")) > 25
    population_table = table("population.json")
    assert all(entry["source"] in population_table["sources"] for entry in population_table["features"].values())
    assert set(population_table["features"]) == set(NAMES)


def test_cues_are_made_of_features_that_exist_and_weighed_cues_of_cues() -> None:
    given = shipped()
    assert all(set(parts) <= set(NAMES) for parts in given.cues.values())
    for weighed in (given.arousal, given.effort, given.contrast):
        assert set(weighed) <= set(given.cues)
