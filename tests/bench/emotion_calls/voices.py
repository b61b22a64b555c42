"""The voices of the callers: those of the turn-taking measurements, and SVOX Pico besides. Synthesis once, then from files."""

import asyncio
from types import TracebackType

import numpy as np

from agents.audio import RATE as WIDE_RATE
from agents.audio import Pcm
from agents.tts.iterating import drain
from agents.tts.pico import PicoSpeaker
from agents.tts.speaker import SpeechError
from ari_app.caller.script import read_wav, to_line_rate
from ari_app.pbx.errors import InstallError
from ari_app.pbx.runtime import RuntimeRoot
from tests.bench.turns.sounds_shaping import at_speech_level, trimmed
from tests.bench.turns.voices import Voices, cached, keep, runtime_folder

_QUIET_DBOV = -52.0


class CallerVoices:
    """``async with CallerVoices() as voices: await voices.say("pico:en-GB", "Yes.")``"""

    def __init__(self) -> None:
        self._voices = Voices()
        self._pico: dict[str, PicoSpeaker] = {}

    async def __aenter__(self) -> "CallerVoices":
        await self._voices.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for speaker in self._pico.values():
            await speaker.close()
        await self._voices.__aexit__(kind, error, trace)

    async def say(self, voice: str, text: str) -> Pcm:
        """At 8 kHz and -20 dBov, without the silence around it. Raises SpeechError."""
        engine, _, name = voice.partition(":")
        if engine != "pico":
            return await self._voices.say(voice, text)
        path = cached(f"pico|{name}|{text}")
        if not path.exists():
            wide = await drain(self._speaker(name).speak(text))
            pcm = trimmed(at_speech_level(to_line_rate(np.asarray(wide), WIDE_RATE)), _QUIET_DBOV)
            await asyncio.to_thread(keep, path, pcm)
        return await asyncio.to_thread(read_wav, path)

    def _speaker(self, language: str) -> PicoSpeaker:
        if language not in self._pico:
            try:
                self._pico[language] = PicoSpeaker(RuntimeRoot(runtime_folder() / "root"), language)
            except InstallError as error:
                raise SpeechError(str(error)) from error
        return self._pico[language]
