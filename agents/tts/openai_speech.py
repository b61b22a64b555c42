"""POST /audio/speech as a Speaker: OpenAI's own service, or any server that speaks the same protocol. It tells nothing of words."""

import hashlib
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Final

import aiohttp

from agents.audio import Pcm
from agents.speech.audio_service import AudioService, AudioServiceError, ServiceUnavailable
from agents.tts.config import OpenAISpeakerConfig
from agents.tts.gain import CALIBRATION, Gain, leveled
from agents.tts.iterating import drain
from agents.tts.leveling import Samples
from agents.tts.plain_text import places, plain
from agents.tts.resampling import Resampler
from agents.tts.speaker import SpeechError
from agents.tts.word_times import Speech, Timeline, WordTime

_SAMPLES: Final = ("audio/pcm", "audio/l16", "audio/x-pcm", "audio/raw", "application/octet-stream")
"""Content types that raw samples come as. Anything else would be noise in the caller's ear."""


class OpenAISpeaker:
    """Raises SpeechError when the key is not set."""

    def __init__(self, config: OpenAISpeakerConfig, environment: Mapping[str, str]) -> None:
        self.name = f"openai:{config.voice}"
        self._config = config
        self._gain = Gain(config.gain_db)
        self._closed = False
        try:
            self._service = AudioService(config, environment)
        except AudioServiceError as error:
            raise SpeechError(f"{self.name}: {error}") from error

    async def warm_up(self) -> None:
        """Opens the connection and finds out how loud the voice is. Raises SpeechError."""
        await drain(self.speak(CALIBRATION))

    async def version(self) -> str:
        """Part of the key of cached sentences. The service may change its model under the same name: then raise ``edition``."""
        told = self._config.model_dump(include={"url", "model", "instructions", "rate", "sample_rate", "edition"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def speak(self, text: str) -> Speech:
        """Closing it drops the request."""
        return Speech(partial(self._speak, text))

    async def close(self) -> None:
        self._closed = True
        await self._service.close()

    async def _speak(self, text: str, words: list[WordTime]) -> AsyncGenerator[Pcm, None]:
        if self._closed:
            raise SpeechError(f"{self.name}: already closed")
        parts, timeline = self._samples(plain(text)), Timeline(words, places(text))
        try:
            async with aclosing(parts), aclosing(leveled(parts, self._gain, timeline, self.name)) as audio:
                async for pcm in audio:
                    yield pcm
        except AudioServiceError as error:
            raise SpeechError(f"{self.name}: {error}") from error

    async def _samples(self, line: str) -> AsyncGenerator[Samples, None]:
        resampler, odd = Resampler(self._config.sample_rate), b""
        async with self._service.post("/audio/speech", lambda: {"json": self._request(line)}) as response:
            _must_be_samples(response)
            async for part in response.content.iter_any():
                data = odd + part
                whole = len(data) // 2 * 2
                odd = data[whole:]
                yield resampler.push(data[:whole])
        if odd:
            raise ServiceUnavailable("the audio ended in the middle of a sample; check that the service gives 16-bit PCM")
        yield resampler.finish()

    def _request(self, line: str) -> dict[str, str | float]:
        config = self._config
        body: dict[str, str | float] = {"model": config.model, "voice": config.voice, "input": line, "response_format": "pcm"}
        if config.instructions:
            body["instructions"] = config.instructions
        if config.rate != 1.0:
            body["speed"] = config.rate
        return body


def _must_be_samples(response: aiohttp.ClientResponse) -> None:
    if response.content_type.lower() not in _SAMPLES:
        raise ServiceUnavailable(f"the answer is {response.content_type}, not raw PCM; check that the url ends in /v1 and leads to a voice")
