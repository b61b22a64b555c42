"""RHVoice as a Speaker: first audio after a few milliseconds, streaming."""

from typing import Final

from agents.tts.helper_process import Program
from agents.tts.helper_speaker import HelperSpeaker
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError

GAIN_DB: Final = {"bdl": 0.2, "slt": -0.9, "alan": 0.7, "clb": -6.3}
"""From the voice's own active speech level to leveling.TARGET_DBOV; the same for all sentences, so that loudness does not jump."""
_AT_ONCE: Final = 5
"""Sentences per helper that begin at once; the library loads the voice, 45 ms, for each one more than were ever under way before."""
_REMEDY: Final = "to fetch the voice again, delete .patchcord/runtime and run ./patchcord up; or set speech.voice to flite:rms"


class RHVoiceSpeaker(HelperSpeaker):
    """``rate``: 1 is normal speed, 0.5 to 2. Raises SpeechError when there is no such voice or rate."""

    def __init__(self, tree: ProgramTree, voice: str, *, rate: float = 1.0, helpers: int = 2) -> None:
        if voice not in GAIN_DB:
            raise SpeechError(f"rhvoice: there is no voice {voice!r}; use one of: {', '.join(GAIN_DB)}")
        if not 0.5 <= rate <= 2.0:
            raise SpeechError(f"rhvoice: rate {rate} is outside 0.5 to 2.0")
        paths = (str(tree.path / "usr/share/RHVoice"), str(tree.path / "etc/RHVoice"))
        super().__init__(tree, Program("rhvoice", paths, _REMEDY), voice, GAIN_DB[voice], rate=rate, helpers=helpers)

    async def warm_up(self, at_once: int = _AT_ONCE) -> None:
        """0.5 s of processing. Raises SpeechError."""
        await super().warm_up(at_once)
