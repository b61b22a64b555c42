"""``GET /live?topic=…&topic=…``: server-sent events (HTML Living Standard, 9.2)."""

import asyncio
import contextlib
from typing import Final

from aiohttp import web

from handoff.desk.access import ALL_ROLES, requires, session_of
from handoff.desk.deps import DEPS, TOPICS
from handoff.desk.live import Subscription
from handoff.records.store import RecordsUnavailable

HEARTBEAT_S: Final = 15.0
MOST_TOPICS: Final = 32
WRITE_S: Final = 10.0
"""A browser that takes nothing for so long is let go; it comes back by itself."""
RETRY: Final = b"retry: 2000\n\n"
ENDED: Final = b"event: ended\ndata: {}\n\n"
"""The session is over: log in anew."""


def add(app: web.Application) -> None:
    app.router.add_get("/live", live)


@requires(*ALL_ROLES)
async def live(request: web.Request) -> web.StreamResponse:
    deps, session = request.app[DEPS], session_of(request)
    topics = list(dict.fromkeys(request.query.getall("topic", [])))
    if not topics or len(topics) > MOST_TOPICS:
        raise web.HTTPBadRequest(text=f"Name 1 to {MOST_TOPICS} topics.")
    for topic in topics:
        if not await request.app[TOPICS].may(session, topic):
            raise web.HTTPForbidden(text="One of these topics is not for you.")
    reader = deps.hub.subscribe(topics, request.headers.get("Last-Event-ID") or request.query.get("since"))
    try:
        return await _stream(request, reader)
    finally:
        deps.hub.unsubscribe(reader)


async def _stream(request: web.Request, reader: Subscription) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        if not await _send(request, response, RETRY):
            return response
        while not (reader.closed and not reader.waiting):
            message = await reader.take(HEARTBEAT_S)
            if not message:
                message = b": still here\n\n" if await _still_in(request) else ENDED
            if not await _send(request, response, message) or message is ENDED:
                break
    return response


async def _send(request: web.Request, response: web.StreamResponse, message: bytes) -> bool:
    try:
        async with asyncio.timeout(WRITE_S):
            await response.write(message)
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        return False
    return True


async def _still_in(request: web.Request) -> bool:
    """A user who was disabled or logged out hears no more; a database that is away for a while ends nobody's stream."""
    try:
        return await request.app[DEPS].sessions.holds(session_of(request))
    except RecordsUnavailable:
        return True
