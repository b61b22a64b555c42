"""SVOX Pico as a Speaker: six languages in 7 MB, plainer than RHVoice. It does not tell when its words sound."""

from typing import Final

from agents.tts.helper_process import Program
from agents.tts.helper_speaker import HelperSpeaker
from agents.tts.pico_engine import LANGUAGES
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError

_REMEDY: Final = "to fetch the voice again, delete .patchcord/runtime and run ./patchcord up"


class PicoSpeaker(HelperSpeaker):
    """``language``: a key of pico_engine.LANGUAGES. Raises SpeechError when there is no such voice."""

    def __init__(self, tree: ProgramTree, language: str, *, helpers: int = 1) -> None:
        if language not in LANGUAGES:
            raise SpeechError(f"pico: there is no voice {language!r}; use one of: {', '.join(LANGUAGES)}")
        program = Program("pico", (str(tree.path / "usr/share/pico/lang"), language), _REMEDY)
        super().__init__(tree, program, language, None, helpers=helpers)
