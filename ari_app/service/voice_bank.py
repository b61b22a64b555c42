"""The voices in which agents speak: those of the service, and those that an agent has for a language."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError

from agents.flows.definition import AgentDefinition
from agents.tts.config import SpeakerConfig
from agents.tts.factory import Places, open_chain
from agents.tts.fallback import FallbackSpeaker
from agents.tts.languages import LanguageSpeakers
from agents.tts.speaker import Speaker, SpeechError

log = logging.getLogger(__name__)


class VoiceBank:
    """``ready`` opens what an agent asks for and has its sentences made; until then, and when that fails, the service's voices speak."""

    def __init__(self, config: SpeakerConfig, places: Places, service: LanguageSpeakers) -> None:
        """Owns ``service``."""
        self._config = config
        self._places = places
        self.service = service
        """The voices that speak where no agent of its own does."""
        self._opened: dict[str, FallbackSpeaker] = {}
        self._refused: set[str] = set()
        self._lock = asyncio.Lock()

    def of(self, definition: AgentDefinition) -> LanguageSpeakers:
        """Closed with the bank, and never by whoever asked."""
        own = {language: self._opened[voice] for language, voice in definition.voices.items() if voice in self._opened}
        others: Mapping[str, Speaker] = {**self.service.others, **own}
        return LanguageSpeakers(own.get(definition.language, self.service.for_language(definition.language)), others)

    async def ready(
        self, definition: AgentDefinition, murmurs: Sequence[str] = (), besides: Callable[[str], Sequence[str]] = lambda language: ()
    ) -> int:
        """Returns how many sentences were synthesised; a voice that cannot be had is a warning.

        ``murmurs``: in the agent's own language; ``besides``: more sentences in each of its languages.
        """
        async with self._lock:
            for voice in definition.voices.values():
                await self._open(voice)
        voices = self.of(definition)
        count = await voices.prepare(murmurs, definition.language) if murmurs else 0
        for language in definition.languages:
            count += await voices.prepare([*definition.fixed_sentences(language), *besides(language)], language)
        return count

    async def _open(self, voice: str) -> None:
        if voice in self._opened or voice in self._refused:
            return
        try:
            own = SpeakerConfig.model_validate({"chain": [voice]}).chain
            self._opened[voice] = await open_chain((*own, *self._config.chain), self._config, self._places)
        except (ValidationError, SpeechError) as error:
            self._refused.add(voice)
            log.warning("voice_unavailable", extra={"voice": voice, "reason": str(error).splitlines()[0]})

    async def close(self) -> None:
        await self.service.close()
        for speaker in self._opened.values():
            await speaker.close()
