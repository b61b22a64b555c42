"""Pitch and energy at the end, on voices whose pitch and energy are known."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import RATE, Pcm, silence
from agents.endpointing import melody
from tests.agents.endpointing.voice_tones import voice


def test_a_fall_and_a_rise_are_told_apart() -> None:
    fall = melody.features(voice([140, 140, 140, 90]))
    rise = melody.features(voice([120, 120, 120, 170]))
    level = melody.features(voice([120, 120, 120, 120]))
    assert fall["pitch_end"] < level["pitch_end"] < rise["pitch_end"]
    assert fall["pitch_slope"] < -0.3 < 0.3 < rise["pitch_slope"]
    assert level["pitch_slope"] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("pitch", [85.0, 120.0, 210.0, 330.0])
def test_the_speakers_own_pitch_does_not_matter(pitch: float) -> None:
    found = melody.features(voice([pitch, pitch, pitch * 1.1, pitch * 0.8]))
    assert found["pitch_end"] == pytest.approx(melody.features(voice([120, 120, 132, 96]))["pitch_end"], abs=0.15)


def test_silence_behind_the_voice_changes_nothing() -> None:
    spoken = voice([140, 140, 100])
    bare, padded = melody.features(spoken), melody.features(np.concatenate([spoken, silence(0.4)]))
    for name in ("pitch_end", "pitch_slope", "last_run"):
        assert padded[name] == pytest.approx(bare[name], abs=0.25), name


def test_loudness_does_not_matter() -> None:
    loud, faint = melody.features(voice([140, 140, 100], loudness=12000)), melody.features(voice([140, 140, 100], loudness=600))
    assert loud.keys() == faint.keys()
    for name, value in loud.items():
        assert faint[name] == pytest.approx(value, abs=0.1), name


def test_a_voice_that_dies_away_ends_with_less_energy() -> None:
    assert melody.features(voice([120, 120, 120], fade=True))["energy_end"] < melody.features(voice([120, 120, 120]))["energy_end"] - 0.1


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, RATE).astype(np.int16)
    assert melody.features(noise).get("no_pitch") == 1.0


@pytest.mark.parametrize("pcm", [silence(0), silence(0.05), silence(2), silence(0.05) + np.int16(5)])
def test_where_nobody_speaks_there_is_no_melody(pcm: Pcm) -> None:
    assert melody.features(pcm) == {"no_voice": 1.0}


@given(st.integers(0, 3 * RATE), st.sampled_from([0, 1, 100, 8000, 40000]), st.integers(0, 9))
def test_every_feature_is_finite_and_bounded(length: int, scale: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pcm = np.clip(rng.normal(0, 1, length) * scale * (rng.random(length) < 0.5), -32768, 32767).astype(np.int16)
    for name, value in melody.features(pcm).items():
        assert np.isfinite(value), name
        assert abs(value) < 12, name


def test_a_long_utterance_costs_no_more_than_its_last_seconds() -> None:
    rng = np.random.default_rng(2)
    long = rng.normal(0, 3000, 40 * RATE).astype(np.int16)
    short = long[-4 * RATE :]
    assert melody.features(long) == melody.features(short)


def test_the_cost_is_a_few_milliseconds() -> None:
    """Processor time of this thread, so that a busy machine does not matter; measured 2 ms, the bound leaves room for slow ones."""
    pcm = np.tile(voice([120, 140, 100]), 10)[: 4 * RATE]
    melody.features(pcm)
    begun = time.thread_time()
    for _ in range(10):
        melody.features(pcm)
    assert (time.thread_time() - begun) / 10 < 0.02
