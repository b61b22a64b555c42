"""What callers wait with: its level, its band, its seam and its gaps, whether made here or read from a file."""

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.audio import RATE, Pcm
from ari_app.media.hold_music import HIGH_HZ, LOW_HZ, hold_music
from ari_app.media.hold_music_file import HoldMusicUnusable, read_hold_music
from tests.ari_app.media.test_media_bed import linear, loop_of

FRAME = RATE // 50


def level(pcm: NDArray[np.generic]) -> float:
    rms = np.sqrt(np.mean(pcm.astype(np.float64) ** 2))
    return float(20 * np.log10(rms / 32768)) if rms else -100.0


def longest_gap_s(pcm: Pcm) -> float:
    """Below -50 dBov, round the circle."""
    frames = pcm[: len(pcm) // FRAME * FRAME].reshape(-1, FRAME)
    longest = run = 0
    for frame in [*frames, *frames]:
        run = run + 1 if level(frame) < -50 else 0
        longest = max(longest, run)
    return longest * FRAME / RATE


def seam_step(pcm: NDArray[np.generic]) -> tuple[float, float]:
    """The change of slope at the seam, and the largest elsewhere."""
    circle = np.concatenate((pcm[-4:], pcm[:4])).astype(np.float64)
    return float(np.abs(np.diff(circle, 2)).max()), float(np.abs(np.diff(pcm.astype(np.float64), 2)).max())


def test_the_made_loop_is_soft_whole_and_fits_a_telephone() -> None:
    pcm = hold_music()
    assert 20 * RATE <= len(pcm) <= 30 * RATE
    assert level(pcm) == pytest.approx(-26.0, abs=0.1)
    assert np.abs(pcm.astype(np.int32)).max() < 32768 * 10 ** (-12 / 20)
    assert longest_gap_s(pcm) <= 0.1
    seam, elsewhere = seam_step(pcm)
    assert seam <= 0.7 * elsewhere
    power = np.abs(np.fft.rfft(pcm.astype(np.float64))) ** 2
    hertz = np.fft.rfftfreq(len(pcm), 1 / RATE)
    outside = power[(hertz < LOW_HZ) | (hertz > HIGH_HZ)].sum()
    assert 10 * np.log10(outside / power.sum()) < -60


def test_the_made_loop_is_even_and_the_same_every_time() -> None:
    seconds = hold_music().reshape(-1, RATE)
    assert all(-32 < level(second) < -22 for second in seconds)
    with pytest.raises(ValueError, match="read-only"):
        hold_music()[0] = 1
    again = hold_music.__wrapped__()
    assert np.array_equal(again, hold_music())


def test_on_the_line_the_made_loop_keeps_level_and_seam() -> None:
    loop = loop_of(hold_music())
    sound = linear(loop.piece(len(loop) - 8000, 16_000))
    assert level(sound) == pytest.approx(-26.0, abs=2.0)
    seam, elsewhere = np.abs(np.diff(sound, 2))[7996:8004].max(), np.abs(np.diff(sound, 2)).max()
    assert seam <= 0.8 * elsewhere


def chords(seconds: float, rate: int, *, low: float = 400.0) -> NDArray[np.float64]:
    position = np.arange(round(seconds * rate)) / rate
    swell = 1 + 0.3 * np.sin(position)
    return np.asarray(3000 * swell * (np.sin(2 * np.pi * low * position) + np.sin(2 * np.pi * 1.5 * low * position)))


def write(path: Path, signal: NDArray[np.float64], rate: int, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(np.rint(signal).astype({1: "u1", 2: "<i2", 4: "<i4"}[width]).tobytes())
    return path


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_becomes_a_loop_of_the_same_pitch(tmp_path: Path, rate: int, channels: int) -> None:
    pcm = read_hold_music(write(tmp_path / "hold.wav", np.repeat(chords(8.3, rate), channels), rate, channels))
    assert len(pcm) / RATE == pytest.approx(7.8, abs=0.05)
    assert level(pcm) == pytest.approx(-26.0, abs=0.2)
    assert longest_gap_s(pcm) == 0.0
    seam, elsewhere = seam_step(pcm)
    assert seam <= 1.1 * elsewhere
    power = np.abs(np.fft.rfft(pcm[RATE : 5 * RATE].astype(np.float64)))
    assert sorted(np.argsort(power)[-2:] / 4) == pytest.approx([400.0, 600.0], abs=0.5)


def test_silent_ends_are_cut_off_and_long_files_at_two_minutes(tmp_path: Path) -> None:
    silence = np.zeros(3 * RATE)
    pcm = read_hold_music(write(tmp_path / "ends.wav", np.concatenate((silence, chords(10.5, RATE), silence)), RATE))
    assert len(pcm) / RATE == pytest.approx(10.0, abs=0.05)
    pcm = read_hold_music(write(tmp_path / "long.wav", chords(150, 8000), 8000))
    assert len(pcm) == 120 * RATE


def test_a_file_that_callers_would_take_for_a_dropped_call_is_refused(tmp_path: Path) -> None:
    signal = np.concatenate((chords(6, RATE), np.zeros(2 * RATE), chords(6, RATE)))
    with pytest.raises(HoldMusicUnusable, match=r"hold\.wav: is silent for 2\.0 s from 6\.0 s .* at most 1\.5 s"):
        read_hold_music(write(tmp_path / "hold.wav", signal, RATE))


def test_what_cannot_be_used_is_said_with_its_remedy(tmp_path: Path) -> None:
    path = tmp_path / "hold.wav"
    with pytest.raises(HoldMusicUnusable, match=r"cannot be read as a WAV file .*No such file.*ffmpeg"):
        read_hold_music(path)
    path.write_bytes(b"ID3 this is no WAV file")
    with pytest.raises(HoldMusicUnusable, match=r"cannot be read as a WAV file"):
        read_hold_music(path)
    path.write_bytes(b"")
    with pytest.raises(HoldMusicUnusable, match=r"cannot be read as a WAV file"):
        read_hold_music(path)
    for signal, rate, channels, width, said in (
        (chords(8, 11_025), 11_025, 1, 2, r"1 channels at 11025 Hz; give 16 bits.*48000 Hz, or convert"),
        (np.repeat(chords(8, RATE), 3), RATE, 3, 2, r"3 channels at 16000 Hz"),
        (chords(8, RATE), RATE, 1, 4, r"has 32 bits"),
        (np.zeros(8 * RATE), RATE, 1, 2, r"holds no sound"),
        (np.zeros(0), RATE, 1, 2, r"holds no sound"),
        (chords(3, RATE), RATE, 1, 2, r"has 2\.5 s of music; give 5 to 120 s"),
    ):
        with pytest.raises(HoldMusicUnusable, match=said):
            read_hold_music(write(path, signal, rate, channels, width))
