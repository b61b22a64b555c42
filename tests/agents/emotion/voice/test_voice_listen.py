"""Nothing but the caller's own leg gets in: at run time, and for the type checker."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from mypy import api

from agents.emotion.voice.listen import hear
from agents.line import CallerAudio, VoiceAudio

PROJECT = Path(__file__).resolve().parents[4]
PCM = np.arange(320, dtype=np.int16)


@dataclass(frozen=True, slots=True)
class SupervisorAudio(CallerAudio):
    """Something that inherits the tag must not inherit the trust."""


def test_the_callers_speech_is_joined_in_order() -> None:
    heard = hear([CallerAudio(1.0, PCM), CallerAudio(1.02, PCM[::-1])])
    assert heard is not None
    assert heard.dtype == np.int16
    assert heard.tolist() == [*PCM.tolist(), *PCM[::-1].tolist()]


@pytest.mark.parametrize("nothing", [(), []])
def test_no_audio_is_nothing(nothing: Sequence[CallerAudio]) -> None:
    assert hear(nothing) is None


@pytest.mark.parametrize(
    "refused",
    [
        [VoiceAudio(1.0, PCM)],
        [CallerAudio(1.0, PCM), VoiceAudio(1.02, PCM)],
        [VoiceAudio(1.0, PCM), CallerAudio(1.02, PCM)],
        [SupervisorAudio(1.0, PCM)],
        [PCM],
        [PCM.tobytes()],
        [None],
        PCM,
        PCM[:0],
        PCM.tobytes(),
        "pcm",
        CallerAudio(1.0, PCM),
        VoiceAudio(1.0, PCM),
        iter([CallerAudio(1.0, PCM)]),
        None,
    ],
    ids=lambda value: type(value).__name__,
)
def test_everything_else_is_refused(refused: object) -> None:
    with pytest.raises(TypeError, match="takes only CallerAudio"):
        hear(refused)  # type: ignore[arg-type]


def test_the_refusal_does_not_depend_on_assertions() -> None:
    """``python -O`` drops them."""
    assert "assert " not in (PROJECT / "agents/emotion/voice/listen.py").read_text(encoding="utf-8")


SNIPPET = """
import numpy as np
from agents.emotion.voice.listen import hear
from agents.line import CallerAudio, VoiceAudio

pcm = np.zeros(320, dtype=np.int16)
hear([CallerAudio(0.0, pcm)])
hear([VoiceAudio(0.0, pcm)])
hear([CallerAudio(0.0, pcm), VoiceAudio(0.0, pcm)])
hear([pcm])
hear(pcm)
"""


def test_the_type_checker_refuses_what_is_not_the_callers_leg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET, encoding="utf-8")
    monkeypatch.setenv("MYPYPATH", str(PROJECT))
    given = ["--config-file=", "--strict", "--explicit-package-bases", "--follow-imports=silent", f"--python-executable={sys.executable}"]
    said, errors, code = api.run([*given, f"--cache-dir={tmp_path / 'cache'}", str(snippet)])
    found = re.findall(r"snippet\.py:(\d+): error: (.*)", said)
    assert (code, errors) == (1, "")
    assert [line for line, _ in found] == ["8", "9", "10", "11"], said
    assert found[0][1].startswith('List item 0 has incompatible type "VoiceAudio"; expected "CallerAudio"')
    assert found[1][1].startswith('List item 1 has incompatible type "VoiceAudio"; expected "CallerAudio"')
    assert found[3][1].startswith('Argument 1 to "hear" has incompatible type')
