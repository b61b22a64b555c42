"""POST /audio/transcriptions as a Transcriber: OpenAI's own service, or any server that speaks the same protocol."""

import json
import time
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from agents.audio import Pcm
from agents.speech.audio_service import AudioService, AudioServiceError, ServiceUnavailable, whole_body
from agents.stt.config import OpenAITranscriberConfig
from agents.stt.quiet import quiet
from agents.stt.text import tidy
from agents.stt.transcriber import Hint, Transcript, TranscriptionError
from agents.stt.wav import wav_bytes

_LONGEST_ANSWER: Final = 1_000_000
"""Bytes: far more than any utterance has words."""


class OpenAITranscriber:
    """Quiet utterances are not sent. Raises TranscriptionError when the key is not set."""

    def __init__(self, config: OpenAITranscriberConfig, environment: Mapping[str, str]) -> None:
        self.name = f"openai:{config.model.replace('/', '-')}"
        self._config = config
        try:
            self._service = AudioService(config, environment)
        except AudioServiceError as error:
            raise TranscriptionError(f"{self.name}: {error}") from error
        self._closed = False

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        """Cancelling drops the request. Raises TranscriptionError."""
        started = time.monotonic()
        if self._closed:
            raise TranscriptionError(f"{self.name}: already closed")
        if quiet(pcm):
            return Transcript("", time.monotonic() - started)
        try:
            async with self._service.post("/audio/transcriptions", lambda: {"data": self._form(pcm, hint)}) as response:
                text = _text(response, await whole_body(response, _LONGEST_ANSWER))
        except AudioServiceError as error:
            raise TranscriptionError(f"{self.name}: {error}") from error
        return Transcript(tidy(text), time.monotonic() - started)

    async def close(self) -> None:
        self._closed = True
        await self._service.close()

    def _form(self, pcm: Pcm, hint: Hint) -> aiohttp.FormData:
        form = aiohttp.FormData()
        form.add_field("file", wav_bytes(pcm), filename="speech.wav", content_type="audio/wav")
        prompt = self._config.digits_prompt if hint is Hint.DIGITS else self._config.prompt
        fields = {"model": self._config.model, "response_format": "json", "temperature": "0"}
        for name, value in {**fields, "language": self._config.language, "prompt": prompt}.items():
            if value:
                form.add_field(name, value)
        return form


def _text(response: aiohttp.ClientResponse, body: bytes) -> str:
    try:
        tree: Any = json.loads(body)
    except ValueError as error:
        kind = response.content_type
        raise ServiceUnavailable(f"the answer is {kind}, not JSON; check that the url ends in /v1 and leads to a recogniser") from error
    text = tree.get("text") if isinstance(tree, dict) else None
    if not isinstance(text, str):
        raise ServiceUnavailable("the answer holds no text; check that the url leads to a recogniser")
    return text
