"""Where something is missing, the measurement across corpora says what, and how to come by it."""

from pathlib import Path

import pytest

from agents.emotion.training.errors import ExtraMissing
from tests.bench import emotion_across


def without_extra(name: str) -> None:
    raise ExtraMissing(f"training and evaluating need {name}; install it with: pip install '.[emotion]'")


def test_without_the_extra_it_is_skipped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.setattr(emotion_across, "library", without_extra)
    assert emotion_across.main(["--corpus", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("patchcord: skipped: ") and "pip install '.[emotion]'" in told
    assert not list(tmp_path.iterdir())


def test_too_many_sentences_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(emotion_across, "library", lambda name: None)
    assert emotion_across.main(["--sentences", "9999"]) == 2
    assert "sentences, not 9999" in capsys.readouterr().err


def test_the_help_says_what_is_not_real(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        emotion_across.main(["--help"])
    assert "what is not real" in capsys.readouterr().out
