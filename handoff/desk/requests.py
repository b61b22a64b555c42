"""What handlers take out of requests, and the answers that are no pages."""

import json
from ipaddress import ip_address
from typing import Any

from aiohttp import web

from handoff.desk.access import session_of
from handoff.desk.deps import DEPS, DeskDeps


async def form(request: web.Request) -> dict[str, str]:
    """The fields of a form, the first of each name; files are left out. Raises HTTPBadRequest for what is no form."""
    try:
        given = await request.post()
    except (ValueError, LookupError, web.RequestPayloadError) as error:
        raise web.HTTPBadRequest(text="This form cannot be read.") from error
    return {name: value for name, value in reversed(list(given.items())) if isinstance(value, str)}


async def json_body(request: web.Request) -> dict[str, Any]:
    """Raises HTTPBadRequest for what is no JSON object."""
    try:
        body = json.loads(await request.text())
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest(text="The request holds no JSON.") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="The request must hold a JSON object.")
    return body


def see_other(path: str) -> web.HTTPSeeOther:
    """To be raised after a form was taken: reloading the page then does not send it again. ``path``: on this desk only."""
    return web.HTTPSeeOther(local_path(path))


def local_path(path: str, default: str = "/") -> str:
    """``path`` when it stays on this desk, else ``default``: nobody is sent elsewhere by a link they were given."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else default


def wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def address_of(request: web.Request, deps: DeskDeps) -> str:
    """Where the request comes from; behind a trusted proxy the nearest address that is none (RFC 7239 7.4)."""
    address = request.remote or ""
    if address in deps.settings.trusted_proxies:
        for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
            try:
                address = str(ip_address(hop.strip()))
            except ValueError:
                break
            if address not in deps.settings.trusted_proxies:
                break
    return address


async def audit(request: web.Request, action: str, *, call_id: str = "", **detail: str | int | bool) -> None:
    """Write down what is about to be done. No words of callers, no numbers. Raises RecordsUnavailable: then it must not be done."""
    deps, session = request.app[DEPS], session_of(request)
    await deps.audit.append(
        deps.clock(), session.user, session.role.value, action, call_id=call_id, address=address_of(request, deps), detail=detail
    )
