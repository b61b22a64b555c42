"""Piper's voices as a Speaker, in a process of their own: Piper is under the GPL."""

import json
from pathlib import Path
from typing import Final

from agents.tts.config import PiperConfig
from agents.tts.helper_process import PACKAGES, Program
from agents.tts.helper_speaker import HelperSpeaker
from agents.tts.runtime import PackagePython

_REMEDY: Final = "or choose another voice in the settings"
_READY_S: Final = 60.0


class PiperSpeaker(HelperSpeaker):
    """``models_dir``: where voices are fetched to. Raises SpeechError when there is no such Python."""

    def __init__(self, config: PiperConfig, models_dir: Path) -> None:
        settings = {**config.model_dump(include={"voice", "speaker", "device", "noise"}), "models_dir": str(models_dir)}
        # What noise draws cannot be drawn again: another helper must not carry on in mid-sentence.
        program = Program("piper", (json.dumps(settings),), _REMEDY, PACKAGES, _READY_S, repeatable=config.noise == 0)
        super().__init__(PackagePython(config.python), program, config.voice, config.gain_db, rate=config.rate, helpers=config.helpers)
