"""flite as a Speaker: audio only when the sentence is whole. The fallback voice."""

from typing import Final

from agents.tts.helper_process import Program
from agents.tts.helper_speaker import HelperSpeaker
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError

GAIN_DB: Final = {"rms": 0.1, "slt": -5.5, "awb": -1.2, "kal": -1.8, "kal16": 6.4}
"""From the voice's own active speech level to leveling.TARGET_DBOV."""
_REMEDY: Final = "to fetch the voice again, delete .patchcord/runtime and run ./patchcord up"


class FliteSpeaker(HelperSpeaker):
    """Raises SpeechError when there is no such voice."""

    def __init__(self, tree: ProgramTree, voice: str, *, helpers: int = 2) -> None:
        if voice not in GAIN_DB:
            raise SpeechError(f"flite: there is no voice {voice!r}; use one of: {', '.join(GAIN_DB)}")
        super().__init__(tree, Program("flite", (), _REMEDY), voice, GAIN_DB[voice], helpers=helpers)
