"""A real HTTP server that speaks the OpenAI protocol for chat completions, answers by a script, and fails on request."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiohttp import web

from agents.llm.model import Call, ContextTooLong, Counted, Ended, ModelBroken, ModelError, ModelRefused, ModelUnavailable
from agents.llm.scripted_model import Script, Wait, pieces

Body = Mapping[str, Any]


class Fault(StrEnum):
    """What goes wrong; those in the middle come after the steps of the script."""

    UNAUTHORIZED = "401"
    NO_QUOTA = "no quota"
    TOO_MANY = "429"
    BROKEN_DOWN = "500"
    OVERLOADED = "503"
    TOO_LONG = "context too long"
    RESET = "reset before the headers"
    STALL_FIRST = "stall before the headers"
    STALL_HEADERS = "stall after the headers"
    STALL_MIDDLE = "stall in the middle"
    CUT = "cut in the middle"
    NO_END = "end without a finish reason"
    MALFORMED = "malformed JSON"
    WRONG_SHAPE = "JSON of another shape"
    NOT_A_STREAM = "a web page"
    ERROR_EVENT = "an error in the stream"
    WITHHELD = "content filter"
    EMPTY = "an empty answer"
    ENDLESS = "text without an end"


_STATUS: dict[Fault, tuple[int, str, str]] = {
    Fault.UNAUTHORIZED: (401, "invalid_api_key", "Incorrect API key provided."),
    Fault.NO_QUOTA: (429, "insufficient_quota", "You exceeded your current quota."),
    Fault.TOO_MANY: (429, "rate_limit_exceeded", "Rate limit reached."),
    Fault.BROKEN_DOWN: (500, "server_error", "The server had an error."),
    Fault.OVERLOADED: (503, "overloaded", "Overloaded."),
    Fault.TOO_LONG: (400, "context_length_exceeded", "This model's maximum context length is 10 tokens."),
}
_ERRORS: dict[type[ModelError], tuple[Fault, Fault]] = {
    ModelUnavailable: (Fault.OVERLOADED, Fault.CUT),
    ModelRefused: (Fault.UNAUTHORIZED, Fault.ERROR_EVENT),
    ModelBroken: (Fault.MALFORMED, Fault.MALFORMED),
    ContextTooLong: (Fault.TOO_LONG, Fault.ERROR_EVENT),
}
"""An error in a script: as the first step, and after others."""


@dataclass(frozen=True)
class Reply:
    steps: Script = ()
    fault: Fault | None = None
    gap_s: float = 0.0
    """Between two pieces."""


def of_script(script: Script) -> Reply:
    """Errors become the faults they stand for."""
    for place, step in enumerate(script):
        if isinstance(step, ModelError):
            return Reply(script[:place], _ERRORS[type(step)][min(place, 1)])
    return Reply(script)


@dataclass
class LocalServer:
    script: Callable[[Body], Reply]
    rejects: tuple[str, ...] = ()
    """Optional fields of a request that are answered with HTTP 400."""
    counts: bool = True
    indexed: bool = True
    """Whether the pieces of a call say which call they belong to; without, every call comes in one piece."""
    requests: list[Body] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    peers: set[object] = field(default_factory=set)
    """Address and port of everybody who asked."""
    open: int = 0
    first_piece_at: float = 0.0
    """time.perf_counter of the latest answer's first piece."""
    port: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """From now on connections are refused; ``start`` takes the same port again."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def quiet(self) -> None:
        """Returns when no answer is under way."""
        async with asyncio.timeout(5):
            while self.open:
                await asyncio.sleep(0.005)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.keys.append(request.headers.get("Authorization", ""))
        self.peers.add(request.transport.get_extra_info("peername") if request.transport else None)
        for option in self.rejects:
            if option in body:
                return _error(400, "unsupported_parameter", f"Unsupported parameter: '{option}'. Use 'max_completion_tokens' instead.")
        self.requests.append(body)
        self.open += 1
        try:
            return await self._play(request, body, self.script(body))
        finally:
            self.open -= 1

    async def _play(self, request: web.Request, body: Body, reply: Reply) -> web.StreamResponse:
        if reply.fault in _STATUS and not reply.steps:
            return _error(*_STATUS[reply.fault])
        if reply.fault is Fault.RESET:
            return _gone(request)
        if reply.fault is Fault.STALL_FIRST:
            await _stall(request)
            return _gone(request)
        if reply.fault is Fault.NOT_A_STREAM:
            return web.Response(text="<html><body>Please sign in.</body></html>", content_type="text/html")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # the client may have gone
            await self._send(request, response, body, reply)
        return response

    async def _send(self, request: web.Request, response: web.StreamResponse, body: Body, reply: Reply) -> None:
        if reply.fault is Fault.STALL_HEADERS:
            await _stall(request)
            return
        await _event(response, _chunk({"role": "assistant", "content": ""}))
        calls = 0
        reason = ""
        counted = Counted(len(str(body)) // 4, 5)
        for step in reply.steps:
            match step:
                case str():
                    for piece in pieces(step):
                        self.first_piece_at = self.first_piece_at or time.perf_counter()
                        await _event(response, _chunk({"content": piece}))
                        await asyncio.sleep(reply.gap_s)
                case Call() if not self.indexed:
                    whole = {"id": step.id, "type": "function", "function": {"name": step.name, "arguments": step.arguments}}
                    await _event(response, _chunk({"tool_calls": [whole]}))
                    calls += 1
                case Call():
                    function = {"name": step.name, "arguments": ""}
                    await _event(response, _chunk(_call(calls, {"id": step.id, "type": "function", "function": function})))
                    for piece in pieces(step.arguments):
                        await _event(response, _chunk(_call(calls, {"function": {"arguments": piece}})))
                    calls += 1
                case Wait():
                    await _stall(request, step.seconds)
                case Counted():
                    counted = step
                case Ended():
                    reason = {"calls": "tool_calls"}.get(step.reason, step.reason)
                case _:
                    raise AssertionError(f"no step of a reply: {step}")
        if reply.fault is not None and reply.fault is not Fault.EMPTY and not await self._fail(request, response, reply.fault):
            return
        await _event(response, _chunk({}, reason or ("tool_calls" if calls else "stop")))
        if self.counts and body.get("stream_options", {}).get("include_usage"):
            usage = {"prompt_tokens": counted.input, "completion_tokens": counted.output, "total_tokens": counted.input + counted.output}
            details = {"prompt_tokens_details": {"cached_tokens": counted.cached}}
            await _event(response, {**_chunk({}), "choices": [], "usage": {**usage, **details}})
        await response.write(b"data: [DONE]\n\n")

    async def _fail(self, request: web.Request, response: web.StreamResponse, fault: Fault) -> bool:
        """Whether the answer goes on to its end."""
        match fault:
            case Fault.STALL_MIDDLE:
                await _stall(request)
            case Fault.CUT:
                if request.transport is not None:
                    request.transport.abort()
            case Fault.MALFORMED:
                await response.write(b'data: {"choices": [{"delta": {"content": "oh\n\n')
            case Fault.WRONG_SHAPE:
                await _event(response, {"choices": [{"delta": "text", "finish_reason": None}], "object": 3})
            case Fault.ERROR_EVENT:
                await _event(response, {"error": {"message": "It broke.", "type": "server_error", "code": "server_error"}})
            case Fault.WITHHELD:
                await _event(response, _chunk({}, "content_filter"))
            case Fault.ENDLESS:
                while request.transport is not None and not request.transport.is_closing():
                    await _event(response, _chunk({"content": "and so it goes on "}))
                    await asyncio.sleep(0.001)
            case _:
                pass
        return False


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "error", "code": code, "param": None}}, status=status)


def _gone(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _stall(request: web.Request, seconds: float = float("inf")) -> None:
    """So long, or until the client has gone."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    while clock() < until and request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(min(0.005, until - clock()))


async def _event(response: web.StreamResponse, data: Body) -> None:
    await response.write(f"data: {json.dumps(data)}\n\n".encode())


def _chunk(delta: Body, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "local", "choices": [choice]}


def _call(index: int, fields: Body) -> dict[str, Any]:
    return {"tool_calls": [{"index": index, **fields}]}
