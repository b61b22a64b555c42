"""The page of a worker: /healthz, /metrics, /status and /live. The supervisor joins those of all workers (see ``front``)."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from agents.transcript import JsonValue
from ari_app.service.foul_requests import keep_foul_requests_short

Probe = Callable[[], list[str]]
"""Reasons why calls are not answered now; empty when ready."""
Report = Callable[[], Mapping[str, JsonValue]]

END_S: Final = 2.0
"""How long answers under way may take when a page is closed."""
_LOCAL_HOST = re.compile(r"^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$")


@web.middleware
async def only_local_names(request: web.Request, handler: Callable[[web.Request], object]) -> web.StreamResponse:
    """Refuse requests under a foreign host name: a web page must not reach this through DNS rebinding."""
    if not _LOCAL_HOST.match(request.headers.get("Host", "")):
        raise web.HTTPForbidden(text="only for this machine\n")
    response = await handler(request)  # type: ignore[misc]
    if not isinstance(response, web.StreamResponse):
        raise TypeError("handlers return responses")
    return response


def build_app(*, not_ready: Probe, status: Report, live: Report, registry: CollectorRegistry) -> web.Application:
    async def healthz(_: web.Request) -> web.Response:
        reasons = not_ready()
        return web.json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def show_status(_: web.Request) -> web.Response:
        reasons = not_ready()
        return web.json_response({"ready": not reasons, "reasons": reasons, **status()})

    async def show_live(_: web.Request) -> web.Response:
        return web.json_response(dict(live()))

    app = web.Application(middlewares=[only_local_names])
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/status", show_status)
    app.router.add_get("/live", show_live)
    return app


async def serve(app: web.Application, port: int) -> web.AppRunner:
    """Listen on 127.0.0.1; the returned runner is cleaned up by its owner. Raises OSError when the port is taken."""
    keep_foul_requests_short()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=END_S)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


async def serve_at(app: web.Application, socket: Path) -> web.AppRunner:
    """Listen on a Unix socket that only our own user can reach; the returned runner is cleaned up by its owner. Raises OSError."""
    socket.unlink(missing_ok=True)  # noqa: ASYNC240 - a moment, at the start
    keep_foul_requests_short()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=END_S)
    await runner.setup()
    await web.UnixSite(runner, socket).start()
    socket.chmod(0o600)  # noqa: ASYNC240 - the same
    return runner
