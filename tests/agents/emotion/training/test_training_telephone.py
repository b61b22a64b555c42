"""A telephone line is the same for all clips of a speaker, narrow, noisy, lossy and of its own level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import RATE, Pcm
from agents.emotion.training.telephone import (
    LEVELS_DBOV,
    LOSS,
    NOISE_BELOW_DB,
    TelephoneLine,
    active_dbov,
    drawn,
    line_for,
    through,
)
from tests.agents.emotion.training.synthetic_voices import spoken

CLIPS = [spoken("anna", label, 1) for label in ("neutral", "angry", "sad")]


def noise_of(length_s: float, dbov: float) -> Pcm:
    values = np.random.default_rng(1).standard_normal(round(length_s * RATE))
    return np.clip(np.rint(values * 32768 * 10 ** (dbov / 20)), -32768, 32767).astype(np.int16)


def share_above(pcm: Pcm, hz: float) -> float:
    power = np.abs(np.fft.rfft(pcm.astype(float))) ** 2
    return float(power[np.fft.rfftfreq(len(pcm), 1 / RATE) > hz].sum() / power.sum())


def test_a_clean_clip_stays_what_it_is() -> None:
    assert through(line_for("clean", CLIPS, 0, "anna"), CLIPS[0]) is CLIPS[0]


@pytest.mark.parametrize("law", ["ulaw", "alaw"])
def test_g711_is_narrow_as_long_and_near(law: str) -> None:
    wide = noise_of(1.0, -26)
    heard = through(line_for("ulaw" if law == "ulaw" else "alaw", [wide], 0, "anna"), wide)
    assert len(heard) == len(wide)
    assert share_above(wide, 4100) > 0.4
    assert share_above(heard, 4100) < 0.001
    voice = CLIPS[0]
    same = through(TelephoneLine("ulaw" if law == "ulaw" else "alaw"), voice)
    assert np.corrcoef(voice, same)[0, 1] > 0.99
    assert not np.array_equal(voice, same)


def test_the_two_laws_differ() -> None:
    assert not np.array_equal(through(TelephoneLine("ulaw"), CLIPS[0]), through(TelephoneLine("alaw"), CLIPS[0]))


@given(seed=st.integers(0, 10**6), who=st.text(max_size=8))
def test_what_is_drawn_stays_within_bounds_and_is_drawn_again(seed: int, who: str) -> None:
    line = drawn(CLIPS, seed, who)
    assert line == drawn(CLIPS, seed, who)
    level = line.gain_db + float(np.median([active_dbov(clip) for clip in CLIPS]))
    assert LEVELS_DBOV[0] - 1e-6 <= level <= LEVELS_DBOV[1] + 1e-6
    assert line.noise_dbov is not None
    assert NOISE_BELOW_DB[0] - 1e-6 <= level - line.noise_dbov <= NOISE_BELOW_DB[1] + 1e-6
    assert LOSS[0] <= line.loss <= LOSS[1]


def test_lines_differ_between_speakers_and_seeds() -> None:
    assert len({drawn(CLIPS, seed, who) for seed in range(5) for who in ("anna", "ben")}) == 10


def test_a_line_keeps_how_much_louder_somebody_is() -> None:
    neutral, angry = CLIPS[0], CLIPS[1]
    line = TelephoneLine("alaw", gain_db=-6.0)
    before, after = active_dbov(angry) - active_dbov(neutral), active_dbov(through(line, angry)) - active_dbov(through(line, neutral))
    assert before > 6
    assert after == pytest.approx(before, abs=1.0)
    assert active_dbov(through(line, neutral)) == pytest.approx(active_dbov(neutral) - 6, abs=1.0)


def test_noise_has_its_level_and_tilt() -> None:
    quiet = np.zeros(RATE, dtype=np.int16)
    white, pink = (through(TelephoneLine("ulaw", noise_dbov=-40.0, noise_tilt=tilt), quiet) for tilt in (0.0, 1.0))
    assert active_dbov(white) == pytest.approx(-40, abs=1.0)
    assert active_dbov(pink) == pytest.approx(-40, abs=1.5)
    assert share_above(pink, 1500) < share_above(white, 1500) - 0.2


def test_noise_differs_between_clips_and_is_the_same_again() -> None:
    line = TelephoneLine("ulaw", noise_dbov=-40.0, seed=3)
    assert np.array_equal(through(line, CLIPS[0], 1), through(line, CLIPS[0], 1))
    assert not np.array_equal(through(line, CLIPS[0], 1), through(line, CLIPS[0], 2))


def test_lost_packets_are_as_many_as_asked_for_and_come_in_runs() -> None:
    tone = (3000 * np.sin(2 * np.pi * 500 * np.arange(RATE * 60) / RATE)).astype(np.int16)
    heard = through(TelephoneLine("ulaw", loss=0.1), tone)
    lost = np.sqrt(np.mean(heard[: RATE * 60].reshape(-1, 320).astype(float) ** 2, axis=1)) < 700
    assert np.mean(lost) == pytest.approx(0.1, abs=0.025)
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate(([0], lost.astype(int), [0])))))[::2]
    assert 1.5 < np.mean(runs) < 2.6


def test_the_low_cut_takes_lows() -> None:
    low = (8000 * np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE)).astype(np.int16)
    high = (8000 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)).astype(np.int16)
    line = TelephoneLine("ulaw", low_cut_hz=300.0)
    assert active_dbov(through(line, low)) < active_dbov(low) - 15
    assert active_dbov(through(line, high)) == pytest.approx(active_dbov(high), abs=0.5)


def test_silence_has_no_level() -> None:
    assert active_dbov(np.zeros(RATE, dtype=np.int16)) == -100
    assert active_dbov(np.zeros(0, dtype=np.int16)) == -100
    assert len(through(drawn([np.zeros(RATE, dtype=np.int16)], 1, "nobody"), np.zeros(0, dtype=np.int16))) == 0
