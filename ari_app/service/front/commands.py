"""Commands to the supervisor, over a Unix socket that only the user of this instance can reach: there is no token that could leak.

``POST /workers/add``, ``/workers/remove`` (``{"worker": N}``), ``/workers/restart`` (``{"workers": [N, …]}``, empty: all) and ``/drain``.
The answer is lines of JSON as things happen: ``{"said": text}``, at the end ``{"done": true}`` or ``{"error": text}``. What has begun goes
on when whoever asked goes away.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ari_app.service.crew import Crew, CrewError, Told

log = logging.getLogger(__name__)

_BEAT_S: Final = 5.0
"""While nothing happens an empty line says that there is still somebody."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    worker: int = Field(0, ge=0)
    workers: tuple[int, ...] = Field((), strict=False)


def command_app(crew: Crew) -> web.Application:
    app = web.Application()
    running: set[asyncio.Task[None]] = set()

    def add(path: str, act: Callable[[_Body, Told], Awaitable[None]]) -> None:
        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                body = _Body.model_validate_json(await request.text() or "{}")
            except ValidationError:
                return web.json_response({"error": "the command is not understood: is it of another version?"}, status=422)
            return await _follow(request, act, body, running)

        app.router.add_post(path, handler)

    add("/workers/add", lambda _, told: crew.add(told))
    add("/workers/remove", lambda body, told: crew.remove(body.worker, told))
    add("/workers/restart", lambda body, told: crew.restart(body.workers, told))
    add("/drain", lambda _, told: crew.drain(told))

    async def stop(_: web.Application) -> None:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    app.on_shutdown.append(stop)
    return app


async def _follow(
    request: web.Request, act: Callable[[_Body, Told], Awaitable[None]], body: _Body, running: set[asyncio.Task[None]]
) -> web.StreamResponse:
    lines: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def work() -> None:
        try:
            await act(body, lambda line: lines.put_nowait({"said": line}))
            lines.put_nowait({"done": True})
        except CrewError as error:
            lines.put_nowait({"error": str(error)})
        except asyncio.CancelledError:
            lines.put_nowait({"error": "Patchcord is ending."})
            raise
        except Exception as error:
            log.exception("command_failed", extra={"command": request.path})
            lines.put_nowait({"error": f"{type(error).__name__}: {error}. The supervisor's log says more."})

    task = asyncio.create_task(work(), name=f"command{request.path}")
    running.add(task)
    task.add_done_callback(running.discard)
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson", "Cache-Control": "no-store"})
    await response.prepare(request)
    while True:
        try:
            async with asyncio.timeout(_BEAT_S):
                line = await lines.get()
        except TimeoutError:
            line = {}
        try:
            await response.write((json.dumps(line) + "\n").encode())
        except ConnectionResetError:
            return response
        if "done" in line or "error" in line:
            return response
