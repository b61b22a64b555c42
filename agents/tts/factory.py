"""From the voice in the settings to a Speaker that is ready to talk."""

import logging
from pathlib import Path
from typing import Final

from agents.tts.cache import CachedSpeaker
from agents.tts.fallback import FallbackSpeaker
from agents.tts.flite import FliteSpeaker
from agents.tts.rhvoice import RHVoiceSpeaker
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError
from agents.tts.voices import VoiceName, parse_voice

log = logging.getLogger(__name__)

FALLBACK: Final = VoiceName("flite", "rms")


async def open_speaker(voice: str, tree: ProgramTree, cache_dir: Path, *, max_mb: float = 64.0) -> FallbackSpeaker:
    """A warm Speaker for ``voice`` (such as ``rhvoice:bdl``), with flite behind it, each with its cache below ``cache_dir``.

    A voice that does not start is left out with a warning. Raises SpeechError when none starts or the name is unknown.
    """
    wanted = parse_voice(voice)
    ready: list[CachedSpeaker] = []
    reasons: list[str] = []
    for name in dict.fromkeys((wanted, FALLBACK)):
        speaker = _create(name, tree)
        try:
            await speaker.warm_up()
        except SpeechError as error:
            reasons.append(str(error))
            log.warning("voice_unavailable", extra={"voice": str(name), "reason": str(error)})
            await speaker.close()
        else:
            ready.append(CachedSpeaker(speaker, cache_dir, max_mb))
    if not ready:
        raise SpeechError("; ".join(reasons))
    return FallbackSpeaker(ready)


def _create(name: VoiceName, tree: ProgramTree) -> RHVoiceSpeaker | FliteSpeaker:
    return RHVoiceSpeaker(tree, name.voice) if name.engine == "rhvoice" else FliteSpeaker(tree, name.voice)
