"""A voice for each language: the same rule as for recognisers (agents/speech/language_choice.py)."""

from collections.abc import AsyncIterator, Iterable, Mapping

from agents.audio import Pcm
from agents.speech.language_choice import chosen
from agents.tts.fallback import Prepares
from agents.tts.speaker import Speaker


class LanguageSpeakers:
    """``others``: by language tag; ``default`` speaks every other language, and is the Speaker that this is itself. Owns them."""

    def __init__(self, default: Speaker, others: Mapping[str, Speaker]) -> None:
        self.name = default.name
        self._default = default
        self._others = dict(others)

    @property
    def others(self) -> Mapping[str, Speaker]:
        """By language tag."""
        return dict(self._others)

    def for_language(self, language: str) -> Speaker:
        """``es-MX`` takes that of ``es-MX``, else that of ``es``, else the default: a wrong accent is better than silence."""
        return chosen(language, self._others) or self._default

    def speaks(self, language: str) -> bool:
        """Whether ``language`` has a voice of its own; the default's own language is not known here."""
        return chosen(language, self._others) is not None

    def speak(self, text: str) -> AsyncIterator[Pcm]:
        """In the default voice."""
        return self._default.speak(text)

    async def prepare(self, sentences: Iterable[str], language: str = "") -> int:
        """Has the voice of ``language`` keep ``sentences`` ready; returns how many were synthesised. Raises SpeechError."""
        speaker = self.for_language(language)
        return await speaker.prepare(sentences) if isinstance(speaker, Prepares) else 0

    async def close(self) -> None:
        for speaker in (self._default, *self._others.values()):
            await speaker.close()
