"""Coqui's models as a Speaker, in a process of their own: they hold Python for the whole of a sentence."""

import json
from pathlib import Path
from typing import Final

from agents.tts.config import CoquiConfig
from agents.tts.helper_process import PACKAGES, Program
from agents.tts.helper_speaker import HelperSpeaker
from agents.tts.runtime import PackagePython

_REMEDY: Final = "or choose another voice in the settings"
_READY_S: Final = 120.0
"""torch alone takes 3 s to import, a large model half a minute to load from a cold disk; a download tells how it goes every 2 s."""


class CoquiSpeaker(HelperSpeaker):
    """``models_dir``: where models are fetched to. Raises SpeechError when there is no such Python."""

    def __init__(self, config: CoquiConfig, models_dir: Path) -> None:
        settings = {**config.model_dump(include={"model", "speaker", "language", "device", "threads"}), "models_dir": str(models_dir)}
        program = Program("coqui", (json.dumps(settings),), _REMEDY, flags=PACKAGES, ready_s=_READY_S)
        super().__init__(PackagePython(config.python), program, config.model, config.gain_db, helpers=config.helpers)
