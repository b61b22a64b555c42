"""What every judge of the voice is: the shipped default, and a model that the user trained."""

from typing import Protocol

from agents.emotion.signs import VoiceSigns
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.features import VoiceFeatures


class VoiceJudge(Protocol):
    @property
    def name(self) -> str:
        """For the log and the card: which judge it was."""
        ...

    def judge(self, features: VoiceFeatures, baseline: Baseline) -> VoiceSigns:
        """Pure and quick; called in threads, several at once."""
        ...
