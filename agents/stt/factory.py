"""From the recognisers in the settings to a Transcriber that is ready to listen."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.stt.config import FasterWhisperConfig, MoonshineConfig, ProviderConfig, TranscriberConfig
from agents.stt.fallback import FallbackTranscriber
from agents.stt.languages import LanguageTranscribers
from agents.stt.transcriber import Transcriber, TranscriptionError

log = logging.getLogger(__name__)


async def open_transcriber(config: TranscriberConfig, models_dir: Path, environment: Mapping[str, str]) -> FallbackTranscriber:
    """The warm chain ``config.chain``. ``models_dir``: where models are fetched to; ``environment``: where keys of services are.

    A recogniser that does not start is left out with a warning; an unreachable service stays, as it may come back.
    Raises TranscriptionError when none starts.
    """
    return await _open_chain(config.chain, config.limit_s, models_dir, environment)


async def open_transcribers(config: TranscriberConfig, models_dir: Path, environment: Mapping[str, str]) -> LanguageTranscribers:
    """The same for all languages. Raises TranscriptionError when nothing listens in one of them."""
    opened: list[FallbackTranscriber] = []
    try:
        for chain in (config.chain, *config.languages.values()):
            opened.append(await _open_chain(chain, config.limit_s, models_dir, environment))
    except BaseException:
        for transcriber in opened:
            await transcriber.close()
        raise
    return LanguageTranscribers(opened[0], dict(zip(config.languages, opened[1:], strict=True)))


async def _open_chain(
    chain: Sequence[ProviderConfig], limit_s: float, models_dir: Path, environment: Mapping[str, str]
) -> FallbackTranscriber:
    ready: list[Transcriber] = []
    reasons: list[str] = []
    for provider in chain:
        try:
            ready.append(await _open(provider, models_dir, environment))
        except TranscriptionError as error:
            reasons.append(str(error))
            log.warning("recogniser_unavailable", extra={"recogniser": provider.kind, "reason": str(error)})
        except BaseException:
            for transcriber in ready:
                await transcriber.close()
            raise
    if not ready:
        raise TranscriptionError("; ".join(reasons))
    return FallbackTranscriber(ready, limit_s)


async def _open(provider: ProviderConfig, models_dir: Path, environment: Mapping[str, str]) -> Transcriber:
    # Each one is imported only when it is chosen.
    if isinstance(provider, MoonshineConfig):
        from agents.stt.moonshine import MoonshineTranscriber

        moonshine = MoonshineTranscriber(provider.threads)
        await moonshine.warm_up()
        return moonshine
    if isinstance(provider, FasterWhisperConfig):
        from agents.stt.faster_whisper import FasterWhisperTranscriber

        whisper = await FasterWhisperTranscriber.open(provider, models_dir)
        await whisper.warm_up()
        return whisper
    from agents.stt.openai_audio import OpenAITranscriber

    return OpenAITranscriber(provider, environment)
