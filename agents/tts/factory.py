"""From the voices in the settings to a Speaker that is ready to talk."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from pydantic import ValidationError

from agents.speech.cooldown import Cooldown
from agents.tts.cache import CachedSpeaker, VersionedSpeaker
from agents.tts.config import (
    CoquiConfig,
    FliteConfig,
    OpenAISpeakerConfig,
    PicoConfig,
    PiperConfig,
    RHVoiceConfig,
    SpeakerConfig,
    VoiceConfig,
)
from agents.tts.fallback import FallbackSpeaker
from agents.tts.languages import LanguageSpeakers
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import SpeechError

log = logging.getLogger(__name__)

FALLBACK: Final = FliteConfig()


class ReadySpeaker(VersionedSpeaker, Protocol):
    async def warm_up(self) -> None:
        """Raises SpeechError."""
        ...


@dataclass(frozen=True, slots=True)
class Places:
    """Where voices find what they need."""

    tree: ProgramTree
    cache: Path
    """Prepared sentences; may be shared by several instances."""
    models: Path
    """Models that are fetched; likewise."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    """Holds the keys of services."""


async def open_speaker(voice: str, tree: ProgramTree, cache_dir: Path, *, max_mb: float = 64.0) -> FallbackSpeaker:
    """A warm Speaker for one ``voice`` in short (such as ``rhvoice:bdl``), with flite behind it. Raises SpeechError."""
    try:
        config = SpeakerConfig.model_validate({"chain": [voice], "cache_mb": max_mb})
    except ValidationError as error:
        raise SpeechError(f"speech: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from error
    chain = tuple(dict.fromkeys((*config.chain, FALLBACK)))
    return await open_chain(chain, config, Places(tree, cache_dir, cache_dir.parent / "models"))


async def open_speakers(config: SpeakerConfig, places: Places) -> LanguageSpeakers:
    """The warm chains of all languages. Raises SpeechError when nothing speaks in one of them."""
    opened: list[FallbackSpeaker] = []
    try:
        for chain in (config.chain, *config.languages.values()):
            opened.append(await open_chain(chain, config, places))
    except BaseException:
        for speaker in opened:
            await speaker.close()
        raise
    return LanguageSpeakers(opened[0], dict(zip(config.languages, opened[1:], strict=True)))


async def open_chain(chain: Sequence[VoiceConfig], config: SpeakerConfig, places: Places) -> FallbackSpeaker:
    """``chain`` with a cache for each voice.

    A voice that does not start is left out with a warning; an unreachable service stays, tried last for a while, as it may come back.
    Raises SpeechError when none starts.
    """
    ready: list[CachedSpeaker] = []
    reasons: list[str] = []
    cooldown = Cooldown()
    for voice in chain:
        try:
            speaker = _create(voice, places)
        except SpeechError as error:
            _left_out(voice, error, reasons)
            continue
        cached = CachedSpeaker(speaker, places.cache, config.cache_mb)
        try:
            await speaker.warm_up()
        except SpeechError as error:
            _left_out(voice, error, reasons)
            if not isinstance(voice, OpenAISpeakerConfig):
                await speaker.close()
                continue
            cooldown.failed(cached)
        except BaseException:
            for opened in (cached, *ready):
                await opened.close()
            raise
        ready.append(cached)
    if len(reasons) == len(chain):
        for opened in ready:
            await opened.close()
        raise SpeechError("; ".join(reasons))
    return FallbackSpeaker(ready, config.first_audio_s, cooldown)


def _left_out(voice: VoiceConfig, error: SpeechError, reasons: list[str]) -> None:
    reasons.append(str(error))
    log.warning("voice_unavailable", extra={"voice": voice.kind, "reason": str(error)})


def _create(voice: VoiceConfig, places: Places) -> ReadySpeaker:
    # Each one is imported only when it is chosen.
    match voice:
        case RHVoiceConfig():
            from agents.tts.rhvoice import RHVoiceSpeaker

            return RHVoiceSpeaker(places.tree, voice.voice, rate=voice.rate)
        case FliteConfig():
            from agents.tts.flite import FliteSpeaker

            return FliteSpeaker(places.tree, voice.voice)
        case PicoConfig():
            from agents.tts.pico import PicoSpeaker

            return PicoSpeaker(places.tree, voice.voice)
        case CoquiConfig():
            from agents.tts.coqui import CoquiSpeaker

            return CoquiSpeaker(voice, places.models)
        case PiperConfig():
            from agents.tts.piper import PiperSpeaker

            return PiperSpeaker(voice, places.models)
        case OpenAISpeakerConfig():
            from agents.tts.openai_speech import OpenAISpeaker

            return OpenAISpeaker(voice, places.environment)
