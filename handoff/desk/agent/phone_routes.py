"""The browser phone's three requests: what line it has, a signature, and its socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from handoff.desk.access import Session, requires, session_of
from handoff.desk.agent.line import PHONES, BrowserLine, LineError, PhoneLines, check_request
from handoff.desk.agent.phone_socket import SIGNED_OUT, PhoneSockets
from handoff.desk.agent.who import ROLES
from handoff.desk.csrf import cross_site
from handoff.desk.deps import DEPS
from handoff.desk.requests import audit, json_body
from handoff.records.store import RecordsUnavailable

SOCKETS: Final = web.AppKey("agent_sockets", PhoneSockets)
SESSION_LOOK_S: Final = 15.0
"""After so long at most the phone of somebody who has been logged out is off."""


def add(app: web.Application) -> None:
    app[SOCKETS] = PhoneSockets()
    app.router.add_get("/agent/phone", facts)
    app.router.add_post("/agent/phone/authorise", authorise)
    app.router.add_get("/ws", socket)
    app.on_shutdown.append(_close)


@requires(*ROLES)
async def facts(request: web.Request) -> web.StreamResponse:
    """The person's line, and which of their phones are registered now."""
    phones, line = _line(request)
    return web.json_response(
        {
            "account": line.account,
            "name": line.name,
            "domain": line.domain,
            "online": sorted(await phones.online(session_of(request).phone)),
        }
    )


@requires(*ROLES)
async def authorise(request: web.Request) -> web.StreamResponse:
    """Answer a challenge to the phone's own request. The password stays here."""
    phones, line = _line(request)
    body = await json_body(request)
    method, uri, challenges = body.get("method"), body.get("uri"), body.get("challenges")
    if (
        not isinstance(method, str)
        or not isinstance(uri, str)
        or not isinstance(challenges, list)
        or not all(isinstance(c, str) for c in challenges)
    ):
        raise web.HTTPBadRequest(text="A signature needs method, uri and challenges.")
    try:
        check_request(line, method, uri)
        return web.json_response({"authorization": phones.authorization(line.account, method, uri, challenges[:8])})
    except LineError as error:
        raise web.HTTPConflict(text=str(error)) from error


@requires(*ROLES)
async def socket(request: web.Request) -> web.StreamResponse:
    """SIP over WebSocket (RFC 7118). Only from our own pages: browsers open sockets across sites without asking."""
    if "Origin" not in request.headers or cross_site(request.headers, request.host, request.app[DEPS].settings.public_url):
        raise web.HTTPForbidden(text="This was asked for by another site.")
    phones, line = _line(request)
    await audit(request, "browser_phone", account=line.account)
    async with _while_signed_in(request.app, session_of(request), line):
        return await request.app[SOCKETS].serve(request, line, phones.socket_url)


def _line(request: web.Request) -> tuple[PhoneLines, BrowserLine]:
    phones = request.app.get(PHONES)
    line = phones.line_of(session_of(request).phone) if phones is not None else None
    if phones is None or line is None:
        raise web.HTTPNotFound(text="No browser phone belongs to this user: use a SIP phone, or have an administrator enter a number.")
    return phones, line


@contextlib.asynccontextmanager
async def _while_signed_in(app: web.Application, session: Session, line: BrowserLine) -> AsyncIterator[None]:
    async def watch() -> None:
        while True:
            await asyncio.sleep(SESSION_LOOK_S)
            with contextlib.suppress(RecordsUnavailable):  # a database that is away ends nobody's call
                if not await app[DEPS].sessions.holds(session):
                    await app[SOCKETS].close(line.account, SIGNED_OUT, "You were logged out.")
                    return

    task = asyncio.create_task(watch(), name="browser phone session")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _close(app: web.Application) -> None:
    await app[SOCKETS].close_all()
