"""Control of live calls for the desk, on the page of a worker: a feed of what happens, and what a supervisor does about it.

Every request needs ``Authorization: Bearer TOKEN``.

``GET /control/feed``
    Lines of JSON (application/x-ndjson) without end: a snapshot, then what happens, and every BEAT_S seconds of silence a beat.
``POST /control/calls/ID/ACTION``
    With a JSON object, see ``handoff.desk.floor.actions``. 200 ``{"detail"}``; 404, 409 (not now) and 422 ``{"error"}``.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from aiohttp import web
from pydantic import ValidationError

from ari_app.calls.feed_lines import FeedLines, Snapshot
from handoff.desk.floor.actions import BODIES, ActionError, Body, CallActions, NoSuchCall, NotPossible, NotUnderstood, perform

__all__ = ["FeedPage", "LiveControl", "NoSuchCall", "NotPossible", "TokenGuard", "add_control", "error"]

log = logging.getLogger(__name__)

LiveControl: TypeAlias = CallActions
"""What call control implements."""

BEAT_S: Final = 5.0
WRITE_S: Final = 10.0
"""A reader who takes nothing for so long is sent away."""
_STATUS: Final[dict[type[ActionError], int]] = {NoSuchCall: 404, NotPossible: 409, NotUnderstood: 422}
_Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_control(
    app: web.Application, control: LiveControl, feed: FeedLines, token: str, *, snapshot: Snapshot | None = None, beat_s: float = BEAT_S
) -> None:
    """To be called before the app is served; ``snapshot`` as for ``FeedLines.subscribe``.

    Raises ValueError for a token that is too short.
    """
    guard = TokenGuard(token)
    page = FeedPage(feed, snapshot=snapshot, beat_s=beat_s)
    app.router.add_get("/control/feed", guard(page.show))
    app.router.add_post("/control/calls/{call_id}/{action}", guard(_Actions(control).act))
    app.on_shutdown.append(page.close)


class TokenGuard:
    """Lets only those who know the token of this run come to a page. Raises ValueError for a token that is too short."""

    def __init__(self, token: str) -> None:
        if len(token) < 32:
            raise ValueError("the token of the control page needs 32 characters or more")
        self._expected = f"Bearer {token}".encode()

    def __call__(self, handler: _Handler) -> _Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, self._expected):
                return error(401, "this needs the token of this run: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"})
            return await handler(request)

        return guarded


class FeedPage:
    """``show`` gives a reader the lines of ``feed`` without end. ``begin`` is waited for before the first of them."""

    def __init__(
        self,
        feed: FeedLines,
        *,
        snapshot: Snapshot | None = None,
        beat_s: float = BEAT_S,
        begin: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._feed = feed
        self._snapshot = snapshot
        self._beat_s = beat_s
        self._begin = begin

    async def close(self, _: web.Application) -> None:
        self._feed.close()

    async def show(self, request: web.Request) -> web.StreamResponse:
        if self._begin is not None:
            await self._begin()
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson", "Cache-Control": "no-store"})
        with self._feed.subscribe(self._snapshot) as lines:
            await response.prepare(request)
            try:
                while True:
                    try:
                        async with asyncio.timeout(self._beat_s):
                            news = await lines.read()
                    except TimeoutError:
                        news = self._feed.beat_line()
                    if not news:
                        return response
                    async with asyncio.timeout(WRITE_S):
                        await response.write(news)
            except ConnectionResetError:
                return response
            except TimeoutError:
                log.warning("live_feed_reader_stuck", extra={"dropped": lines.dropped})
                if request.transport is not None:
                    request.transport.abort()
                return response


class _Actions:
    def __init__(self, control: LiveControl) -> None:
        self._control = control

    async def act(self, request: web.Request) -> web.Response:
        action, call_id = request.match_info["action"], request.match_info["call_id"]
        if action not in BODIES:
            return error(404, f"no action '{action}'; there are: {', '.join(BODIES)}")
        try:
            body = _body(BODIES[action], await request.text())
            detail = await perform(self._control, action, call_id, body)
        except ActionError as fault:
            return error(_STATUS.get(type(fault), 503), str(fault))
        log.info("live_action", extra={"call_id": call_id, "action": action})
        return web.json_response({"detail": detail})


def _body(kind: type[Body], text: str) -> Body:
    """Raises NotUnderstood."""
    try:
        return kind.model_validate(json.loads(text), strict=True)
    except ValidationError as wrong:
        # Not the values: what is to be said to a caller has no place in an error.
        faults = (f"{'.'.join(str(part) for part in fault['loc']) or 'body'}: {fault['msg']}" for fault in wrong.errors())
        raise NotUnderstood("; ".join(faults)) from None
    except ValueError:
        raise NotUnderstood("the body is no JSON") from None


def error(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": text}, status=status, headers=headers)
