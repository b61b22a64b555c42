"""Clips of any rate and depth become 16 kHz mono; what is no utterance of one person is refused with the remedy."""

import sys
from pathlib import Path

import numpy as np
import pytest

from agents.audio import RATE
from agents.emotion.training.errors import ClipUnreadable, ExtraMissing
from agents.emotion.training.sound import read_clip
from tests.agents.emotion.training.synthetic_voices import soundfile, spoken, write_clip


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_a_clip_of_16_khz_is_as_it_was(tmp_path: Path, name: str) -> None:
    pcm = spoken("anna", "neutral", 1)
    write_clip(tmp_path / name, pcm)
    read = read_clip(tmp_path / name)
    assert read.dtype == np.int16
    assert np.abs(read.astype(int) - pcm).max() <= 1


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT"])
def test_other_rates_and_depths(tmp_path: Path, rate: int, subtype: str) -> None:
    tone = 0.25 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(str(tmp_path / "a.wav"), tone, rate, subtype=subtype)
    read = read_clip(tmp_path / "a.wav")
    assert len(read) == pytest.approx(RATE, abs=1)
    assert int(np.abs(np.fft.rfft(read[:RATE])).argmax()) == pytest.approx(440, abs=1)
    assert np.sqrt(np.mean(read.astype(float) ** 2)) == pytest.approx(0.25 * 32767 / np.sqrt(2), rel=0.01)


def test_two_channels_of_one_voice_are_one(tmp_path: Path) -> None:
    pcm = spoken("anna", "neutral", 1)
    write_clip(tmp_path / "a.wav", np.stack([pcm, pcm // 2], axis=1))
    assert np.abs(read_clip(tmp_path / "a.wav").astype(int) - pcm).max() <= 1


def test_two_people_on_two_channels_are_refused(tmp_path: Path) -> None:
    write_clip(tmp_path / "call.wav", np.stack([spoken("anna", "neutral", 1), spoken("ben", "angry", 1)], axis=1))
    with pytest.raises(ClipUnreadable, match=r"call\.wav: its channels hold different voices; give a file with the caller's channel alone"):
        read_clip(tmp_path / "call.wav")


def test_files_that_are_no_sound(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    (tmp_path / "empty.flac").touch()
    write_clip(tmp_path / "silent.wav", np.zeros(RATE, dtype=np.int16))
    for name, message in (
        ("text.wav", "cannot be read"),
        ("empty.flac", "cannot be read"),
        ("silent.wav", "holds no sound"),
        ("no.wav", "no such file"),
    ):
        with pytest.raises(ClipUnreadable, match=rf"{name}: .*{message}.*; convert it to WAV again, or leave .* --skip-unreadable"):
            read_clip(tmp_path / name)


def test_a_whole_call_is_no_clip(tmp_path: Path) -> None:
    write_clip(tmp_path / "call.wav", np.ones(8000 * 130, dtype=np.int16), 8000)
    with pytest.raises(ClipUnreadable, match=r"call\.wav: lasts 130 s; cut it to single utterances"):
        read_clip(tmp_path / "call.wav")


def test_without_the_extra_the_way_to_install_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(ExtraMissing, match=r"training and evaluating need soundfile .* install it with: pip install '\.\[emotion\]'"):
        read_clip(tmp_path / "a.wav")
