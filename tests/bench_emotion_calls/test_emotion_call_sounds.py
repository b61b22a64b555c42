"""The shaping of the callers' sound does what its figures say."""

from dataclasses import replace

import numpy as np
import pytest
import soxr

from agents.audio import RATE, Pcm
from tests.bench.emotion_calls.call import Line, Utterance
from tests.bench.emotion_calls.sounding import LEAD_S, LINE_RATE, TAIL_S, over_the_line, shaped, with_noise
from tests.bench.turns.sounds_shaping import active_dbov

PLAIN = Utterance("", angry=False, level_dbov=-24.0)
QUIET = Line("none", float("inf"))


def hum(hertz: float = 200.0, length_s: float = 2.0) -> Pcm:
    """Four syllables a second of a buzzing tone."""
    t = np.arange(round(length_s * LINE_RATE)) / LINE_RATE
    buzz = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 12))
    return np.asarray(np.rint(3000 * buzz * (0.15 + np.sin(2 * np.pi * 2 * t) ** 2)), dtype=np.int16)


def pitch(pcm: Pcm, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    return float(np.argmax(spectrum) * rate / len(pcm))


def high_db(pcm: Pcm) -> float:
    """Of what lies above 1 kHz against the whole."""
    power = np.abs(np.fft.rfft(pcm)) ** 2
    return 10 * float(np.log10(power[np.fft.rfftfreq(len(pcm), 1 / LINE_RATE) > 1000].sum() / power.sum()))


@pytest.mark.parametrize("level", [-32.0, -24.0, -15.0])
def test_the_level_is_the_one_that_was_asked_for(level: float) -> None:
    assert active_dbov(shaped(hum(), replace(PLAIN, level_dbov=level))) == pytest.approx(level, abs=0.5)


def test_three_semitones_are_higher_and_shorter_by_a_fifth() -> None:
    made = shaped(hum(), replace(PLAIN, semitones=3.0))
    assert pitch(made, LINE_RATE) == pytest.approx(200 * 2 ** (3 / 12), rel=0.02)
    assert len(made) == pytest.approx(len(hum()) / 2 ** (3 / 12), rel=0.01)


def test_a_tilt_raises_the_high_sounds() -> None:
    assert high_db(shaped(hum(), replace(PLAIN, tilt_db=3.0))) > high_db(shaped(hum(), PLAIN)) + 1


def test_widening_makes_quiet_parts_quieter_against_loud_ones() -> None:
    def spread(pcm: Pcm) -> float:
        frames = pcm[: len(pcm) // 400 * 400].reshape(-1, 400).astype(np.float64)
        level = 10 * np.log10((frames**2).mean(axis=1) + 1)
        return float(np.percentile(level, 90) - np.percentile(level, 10))

    assert spread(shaped(hum(), replace(PLAIN, widening=1.3))) > spread(shaped(hum(), PLAIN)) + 1


@pytest.mark.parametrize("snr_db", [20.0, 10.0])
@pytest.mark.parametrize("kind", ["street", "babble"])
def test_noise_lies_below_the_callers_level_by_the_ratio(kind: str, snr_db: float) -> None:
    line = Line("street" if kind == "street" else "babble", snr_db)
    nobody = np.zeros(LINE_RATE * 3, dtype=np.int16)
    made = over_the_line(with_noise(nobody, line, -22.0, 7, (hum(150), hum(240, 2.7))))
    level = 10 * np.log10((made.astype(np.float64) ** 2).mean() / 32768.0**2)
    assert level == pytest.approx(-22.0 - snr_db, abs=1.0)


def test_the_line_keeps_the_voice_and_the_time_around_it() -> None:
    voice = shaped(hum(), PLAIN)
    made = over_the_line(with_noise(voice, QUIET, -24.0, 1))
    assert len(made) == pytest.approx(2 * len(voice) + (LEAD_S + TAIL_S) * RATE, abs=2)
    inside = soxr.resample(made.astype(np.float64), RATE, LINE_RATE)[round(LEAD_S * LINE_RATE) :][: len(voice)]
    assert np.corrcoef(inside, voice)[0, 1] > 0.99


def test_the_same_seed_gives_the_same_noise() -> None:
    line = Line("street", 10.0)
    first, again, other = (over_the_line(with_noise(shaped(hum(), PLAIN), line, -24.0, seed)) for seed in (5, 5, 6))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
