"""The loopback page of the mind process: /healthz, /metrics, /status and /live."""

import re
from collections.abc import Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from agents.transcript import JsonValue

Probe = Callable[[], list[str]]
"""Reasons why calls are not answered now; empty when ready."""
Report = Callable[[], Mapping[str, JsonValue]]

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
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner
