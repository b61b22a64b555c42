"""The loopback page of an instance: /healthz, /metrics, /status, /live and /control, with what all workers say.

``/control`` needs the token, as it does at the workers' own pages (see ``ari_app.service.control``); actions go to the worker that has
the call.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from ari_app.service.control import FeedPage, TokenGuard, error
from ari_app.service.front import joining
from ari_app.service.front.joined_feed import JoinedFeed
from ari_app.service.front.metrics_text import merged
from ari_app.service.front.worker_page import WorkerPage
from ari_app.service.http import only_local_names
from ari_app.service.query import ServiceUnreachable

_T = TypeVar("_T")

Workers = Callable[[], Sequence[WorkerPage]]
About = Callable[[], Mapping[int, Mapping[str, Any]]]
"""What the supervisor knows of each worker, by number."""


class FrontPage:
    """``app`` is to be served; ``feed`` is told when workers come and go, and ended."""

    def __init__(
        self,
        workers: Workers,
        token: str,
        about: About = dict,
        maintenance: Callable[[], Mapping[str, Any]] = dict,
        beside: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """``beside``: why no calls reach any worker; empty while they do."""
        self._workers = workers
        self._beside = beside
        self._about = about
        self._maintenance = maintenance
        self.feed = JoinedFeed(workers, token)
        self.app = web.Application(middlewares=[only_local_names])
        guard, feed = TokenGuard(token), FeedPage(self.feed, begin=self.feed.begin)
        router = self.app.router
        router.add_get("/healthz", self._healthz)
        router.add_get("/metrics", self._metrics)
        router.add_get("/status", self._status)
        router.add_get("/live", self._live)
        router.add_get("/control/feed", guard(feed.show))
        router.add_post(r"/control/calls/{call_id:[A-Za-z0-9_.-]{1,64}}/{action:[a-z_]{1,32}}", guard(self._act))
        self.app.on_shutdown.append(feed.close)

    async def _healthz(self, _: web.Request) -> web.Response:
        answer = {**joining.health(await self._all("/healthz"), self._beside()), "maintenance": bool(self._maintenance().get("on"))}
        return web.json_response(answer, status=200 if answer["ready"] else 503)

    async def _status(self, _: web.Request) -> web.Response:
        answer = joining.status(await self._all("/status"), self._about(), self._beside())
        return web.json_response({**answer, "maintenance": dict(self._maintenance())})

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response(joining.live(await self._all("/live")))

    async def _metrics(self, _: web.Request) -> web.Response:
        pages = await self._each(lambda page: page.text("/metrics"))
        body = merged({number: text for number, text in pages.items() if text is not None})
        return web.Response(body=body.encode(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _all(self, path: str) -> dict[int, dict[str, Any] | None]:
        return await self._each(lambda page: page.json(path))

    async def _each(self, ask: Callable[[WorkerPage], Awaitable[_T]]) -> dict[int, _T | None]:
        """What every worker says, by number; None from those that do not answer."""

        async def answer(page: WorkerPage) -> _T | None:
            try:
                return await ask(page)
            except ServiceUnreachable:
                return None

        pages = list(self._workers())
        return {page.number: said for page, said in zip(pages, await asyncio.gather(*map(answer, pages)), strict=True)}

    async def _act(self, request: web.Request) -> web.Response:
        """The worker that is known to have the call is asked first. None but the one that has it does anything."""
        owner = self.feed.calls.of(request.match_info["call_id"])
        pages = sorted(self._workers(), key=lambda page: page.number != owner)
        body, headers = await request.read(), {"Authorization": request.headers["Authorization"], "Content-Type": "application/json"}
        refusal: web.Response | None = None
        for page in pages:
            try:
                status, said = await page.post(request.path, body, headers)
            except ServiceUnreachable as away:
                if page.number == owner or len(pages) == 1:
                    return error(503, f"{away}. Its calls go to the queue; try again in a few seconds.")
                continue
            answer = web.Response(status=status, body=said, content_type="application/json")
            if status != web.HTTPNotFound.status_code:
                return answer
            refusal = answer
        return refusal or error(503, "No worker answers. Try again in a few seconds.")
