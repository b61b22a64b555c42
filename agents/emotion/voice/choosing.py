"""Which judge listens: the one that ships, or a model that the user trained."""

from pathlib import Path

from agents.emotion.voice.default import DefaultJudge
from agents.emotion.voice.judge import VoiceJudge
from agents.emotion.voice.onnx_judge import OnnxJudge


def open_judge(path: str) -> VoiceJudge:
    """``path``: the .onnx file of a trained model; empty: the default that ships. Raises ModelUnusable."""
    return OnnxJudge(Path(path).expanduser()) if path else DefaultJudge()
