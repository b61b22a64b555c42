"""Speech slower and faster: its length, its pitch, its smoothness, and that the usual pace touches nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents.audio import RATE, Pcm
from agents.tts.pace import Stretch

PACES = (0.7, 0.8, 0.9, 1.1)
LAG_S = 0.030


def stretched(pcm: Pcm, pace: float, chunk: int = 3200) -> Pcm:
    stretch = Stretch(pace)
    parts = [stretch.push(pcm[start : start + chunk]) for start in range(0, len(pcm), chunk)]
    return np.concatenate([*parts, stretch.finish()])


def vowel(pitch_hz: float, seconds: float = 2.0, glide: float = 0.0) -> Pcm:
    """Harmonics as a voice has them, ``glide`` semitones higher at the end, fading in and out over 10 ms."""
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = pitch_hz * 2 ** (glide / 12 * time / seconds)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    wave = sum(np.sin(number * phase) / number**1.2 for number in range(1, 12))
    edge = np.minimum(1, np.minimum(np.arange(len(time)), np.arange(len(time))[::-1]) / (RATE // 100))
    pcm: Pcm = np.rint(4000 * wave * edge).astype(np.int16)
    return pcm


def noise(seed: int, count: int) -> Pcm:
    return np.random.default_rng(seed).normal(0, 3000, count).clip(-32768, 32767).astype(np.int16)


def pitch_of(pcm: Pcm, about_hz: float) -> float:
    """In Hz: the highest peak of the autocorrelation within half an octave, between samples by a parabola."""
    wave = pcm.astype(np.float64)
    spectrum = np.fft.rfft(wave, 2 * len(wave))
    first, last = round(RATE / about_hz / 1.4), round(RATE / about_hz * 1.4)
    likeness = np.fft.irfft(np.abs(spectrum) ** 2)[:last] / np.arange(len(wave), len(wave) - last, -1)
    peak = first + int(np.argmax(likeness[first:-1]))
    before, at, after = likeness[peak - 1 : peak + 2]
    return float(RATE / (peak + 0.5 * (before - after) / (before - 2 * at + after)))


def frame_levels(pcm: Pcm) -> NDArray[np.float64]:
    frames = pcm[: len(pcm) // 320 * 320].reshape(-1, 320).astype(np.float64)
    levels: NDArray[np.float64] = np.sqrt((frames**2).mean(axis=1))
    return levels


@given(st.integers(0, 20_000), st.integers(0, 9), st.sampled_from([80, 160, 3200, 7001]))
def test_at_the_usual_pace_every_sample_stays_as_it_was_and_comes_at_once(count: int, seed: int, chunk: int) -> None:
    pcm, stretch = noise(seed, count), Stretch(1.0)
    for start in range(0, count, chunk):
        assert stretch.push(pcm[start : start + chunk]).tobytes() == pcm[start : start + chunk].tobytes()
    assert len(stretch.finish()) == 0


@given(st.integers(0, 12_000), st.floats(0.5, 2.0), st.integers(0, 9), st.lists(st.integers(1, 4000), max_size=12))
def test_the_whole_is_as_long_as_it_should_be_to_the_sample(count: int, pace: float, seed: int, cuts: list[int]) -> None:
    pcm, stretch, at, parts = noise(seed, count), Stretch(pace), 0, list[Pcm]()
    for cut in [*cuts, count]:
        parts.append(stretch.push(pcm[at : at + cut]))
        at = min(count, at + cut)
        assert sum(map(len, parts)) <= round(at / pace), "nothing is made of what has not come yet"
    parts.append(stretch.finish())
    whole = np.concatenate(parts)
    assert whole.dtype == np.int16
    assert len(whole) == (count if pace == 1.0 else round(count / pace))


@given(st.sampled_from(PACES), st.integers(1, 5000), st.integers(0, 9))
def test_how_it_is_cut_into_chunks_makes_no_difference(pace: float, chunk: int, seed: int) -> None:
    pcm = np.concatenate((noise(seed, 4000), vowel(90 + 20 * seed, 0.5)))
    assert stretched(pcm, pace, chunk).tobytes() == stretched(pcm, pace, len(pcm)).tobytes()


@pytest.mark.parametrize("pace", PACES)
def test_little_is_held_back(pace: float) -> None:
    pcm, stretch, made = vowel(120), Stretch(pace), 0
    for start in range(0, len(pcm), 160):
        made += len(stretch.push(pcm[start : start + 160]))
        if start == 0:
            assert made == min(160, int(160 / pace)), "the beginning is not held back at all"
        assert (start + 160) / RATE - made * pace / RATE <= LAG_S


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("pitch_hz", [75, 110, 180, 260])
def test_the_pitch_stays(pace: float, pitch_hz: float) -> None:
    pcm = vowel(pitch_hz)
    assert pitch_of(pcm, pitch_hz) == pytest.approx(pitch_hz, rel=0.003)
    assert pitch_of(stretched(pcm, pace), pitch_hz) == pytest.approx(pitch_hz, rel=0.01)


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("pitch_hz", [75, 110, 180, 260])
def test_there_are_no_gaps_and_no_clicks(pace: float, pitch_hz: float) -> None:
    pcm = vowel(pitch_hz, glide=4)
    slow = stretched(pcm, pace)
    levels, before = frame_levels(slow)[2:-2], frame_levels(pcm)[2:-2]
    assert levels.min() >= 0.7 * before.min(), "no frame is softer by more than 3 dB"
    assert levels.max() <= 1.12 * before.max()
    steps, known = np.abs(np.diff(slow.astype(int))), np.abs(np.diff(pcm.astype(int)))
    assert steps.max() <= 1.05 * known.max(), "no step between two samples is larger than those of the voice"


@pytest.mark.parametrize("pace", PACES)
def test_silence_stays_silent_and_everything_stays_where_it_belongs(pace: float) -> None:
    quiet = np.zeros(RATE // 2, np.int16)
    words = [vowel(130, 0.3), vowel(150, 0.3), vowel(110, 0.3)]
    slow = stretched(np.concatenate([part for word in words for part in (quiet, word)] + [quiet]), pace)
    loud = np.abs(slow.astype(int)) > 500
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (np.convolve(loud, np.ones(400), "same") > 0).astype(int), [0]))))
    begins, ends = edges[::2] + 200, edges[1::2] - 200
    assert len(begins) == 3
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        starts_s = 0.5 + 0.8 * number
        assert begin / RATE == pytest.approx(starts_s / pace, abs=0.02)
        assert end / RATE == pytest.approx((starts_s + 0.3) / pace, abs=0.02)
    for end, begin in zip([0, *ends], [*begins, len(slow)], strict=True):
        assert not slow[end + 400 : begin - 400].any()


def test_the_end_is_no_click_even_where_the_voice_breaks_off() -> None:
    slow = stretched(vowel(120)[: RATE + 57], 0.83)
    assert abs(int(slow[-1])) <= 100


@pytest.mark.parametrize("pace", [0.0, 0.49, 2.01, float("nan")])
def test_a_pace_out_of_range_is_refused_with_the_range(pace: float) -> None:
    with pytest.raises(ValueError, match=r"out of range; give 0\.5 to 2"):
        Stretch(pace)
