"""A recogniser for each language: the same rule as for voices (agents/speech/language_choice.py)."""

from collections.abc import Mapping

from agents.audio import Pcm
from agents.speech.language_choice import chosen
from agents.stt.transcriber import Hint, Transcriber, Transcript


class LanguageTranscribers:
    """``others``: by language tag; ``default`` listens in every other language, and is the Transcriber that this is itself. Owns them."""

    def __init__(self, default: Transcriber, others: Mapping[str, Transcriber]) -> None:
        self.name = default.name
        self._default = default
        self._others = dict(others)

    def for_language(self, language: str) -> Transcriber:
        """``es-MX`` takes that of ``es-MX``, else that of ``es``, else the default."""
        return chosen(language, self._others) or self._default

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        return await self._default.transcribe(pcm, hint)

    async def close(self) -> None:
        for transcriber in (self._default, *self._others.values()):
            await transcriber.close()
