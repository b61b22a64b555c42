"""A real HTTP server that speaks OpenAI's audio protocol, strict about requests, with the faults that such services have.

It hears ``hears`` in any sound and nothing in silence; it speaks with the hum of ToneSpeaker at 24 kHz, 8 dB fainter than the phone needs.
"""

import asyncio
import io
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import soxr
from aiohttp import web

from agents.audio import RATE
from agents.tts.iterating import drain
from agents.tts.tone import ToneSpeaker

KEY = "sk-right-one"
FAINTER = 10 ** (-8 / 20)
Fault = Literal["", "500", "429", "404", "stall", "stall_in_the_middle", "cut", "html", "json", "odd", "empty", "endless"]


@dataclass
class AudioServer:
    url: str = ""
    fault: Fault = ""
    hears: str = "it was the best of times"
    requests: list[dict[str, str]] = field(default_factory=list)
    """Fields of the requests; ``path`` among them."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Ends every stall."""

    async def transcriptions(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        sound = form["file"]
        assert isinstance(sound, web.FileField)
        self.requests.append({"path": request.path, **{name: value for name, value in form.items() if isinstance(value, str)}})
        if (wrong := await self._trouble(request)) is not None:
            return wrong
        with wave.open(io.BytesIO(sound.file.read())) as source:
            if (source.getframerate(), source.getnchannels(), source.getsampwidth()) != (RATE, 1, 2):
                return _error(400, "invalid_audio")
            samples = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2")
        if self.fault == "json":
            return web.json_response({"words": []})
        return web.json_response({"text": self.hears if samples.any() else ""})

    async def speech(self, request: web.Request) -> web.StreamResponse:
        wanted = await request.json()
        self.requests.append({"path": request.path, **{name: str(value) for name, value in wanted.items()}})
        if (wrong := await self._trouble(request)) is not None:
            return wrong
        if wanted.get("response_format") != "pcm" or not wanted.get("voice") or not wanted.get("input"):
            return _error(400, "invalid_request_error")
        hum = await drain(ToneSpeaker().speak(wanted["input"]))
        data = np.rint(soxr.resample(hum.astype(np.float64), RATE, 24_000) * FAINTER).astype("<i2").tobytes()
        answer = web.StreamResponse(headers={"Content-Type": "application/json" if self.fault == "json" else "audio/pcm"})
        await answer.prepare(request)
        for number, start in enumerate(range(0, 0 if self.fault == "empty" else len(data), 3001)):
            if number == 3 and self.fault == "stall_in_the_middle":
                await self.released.wait()
            if number == 3 and self.fault == "cut":
                _hang_up(request)
                return answer
            await answer.write(data[start : start + 3001])
        if self.fault == "odd":
            await answer.write(b"\x01")
        await answer.write_eof()
        return answer

    async def _trouble(self, request: web.Request) -> web.StreamResponse | None:
        if request.headers.get("Authorization") not in (None, f"Bearer {KEY}"):
            return _error(401, "invalid_api_key", f"Incorrect API key provided: {request.headers['Authorization']}")
        if self.fault.isdigit():
            return _error(int(self.fault), "rate_limit_exceeded" if self.fault == "429" else "server_error")
        if self.fault == "html":
            return web.Response(text="<html>Welcome to nginx</html>", content_type="text/html")
        if self.fault == "endless":
            return web.Response(body=b" " * 1_500_000, content_type="application/json")
        if self.fault == "stall":
            await self.released.wait()
        if self.fault == "cut" and request.path.endswith("transcriptions"):
            answer = web.StreamResponse(headers={"Content-Length": "5000", "Content-Type": "application/json"})
            await answer.prepare(request)
            await answer.write(b'{"text": "it was the')
            _hang_up(request)
            return answer
        return None


def _hang_up(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()


def _error(status: int, code: str, message: str = "no") -> web.Response:
    body = {"error": {"message": message, "type": "invalid_request_error", "code": code}}
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")


@asynccontextmanager
async def audio_server() -> AsyncIterator[AudioServer]:
    server = AudioServer()
    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", server.transcriptions)
    app.router.add_post("/v1/audio/speech", server.speech)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        server.released.set()
        await runner.cleanup()
