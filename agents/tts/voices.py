"""Voice names as the settings write them: ``rhvoice:bdl``, ``flite:rms``."""

import re
from dataclasses import dataclass
from typing import Final

from agents.tts.speaker import SpeechError

RHVOICE: Final = ("bdl", "slt", "alan", "clb")
"""English voices that may be used commercially. ``lyubov`` and ``evgeniy-eng`` of the same package are CC BY-NC-ND and left out."""
FLITE: Final = ("rms", "slt", "awb", "kal", "kal16")
DEFAULT_FLITE: Final = "rms"

_ENGINES: Final = {"rhvoice": RHVOICE, "flite": FLITE}
_SHAPE: Final = re.compile(r"([a-z]+):([a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class VoiceName:
    engine: str
    voice: str

    def __str__(self) -> str:
        return f"{self.engine}:{self.voice}"


def parse_voice(text: str) -> VoiceName:
    """Raises SpeechError naming the voices there are."""
    found = _SHAPE.fullmatch(text.strip().lower())
    if found and found[2] in _ENGINES.get(found[1], ()):
        return VoiceName(found[1], found[2])
    known = ", ".join(f"{engine}:{voice}" for engine, voices in _ENGINES.items() for voice in voices)
    raise SpeechError(f"speech: there is no voice {text!r}; set speech.voice to one of: {known}")
