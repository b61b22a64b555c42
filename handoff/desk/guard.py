"""What every request passes: headers, errors as pages, who asks, whether they may, and whether our own page sent it."""

import logging
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler as AiohttpHandler

from handoff.desk.access import PUBLIC, find_session, remember_session, roles_of, session_of
from handoff.desk.cookies import session_cookie
from handoff.desk.csrf import SAFE, cross_site, given_token, same_token
from handoff.desk.deps import DEPS, DeskSettings
from handoff.desk.pages import error_page
from handoff.desk.requests import see_other, wants_json
from handoff.records.store import RecordsUnavailable

log = logging.getLogger(__name__)

# Under no-referrer browsers send "Origin: null" with our own forms, and nobody could tell them from those of other sites.
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
}
_KEPT: Final = ("Allow", "Content-Range", "Retry-After")
"""What an error says besides its text."""


def content_policy(settings: DeskSettings) -> str:
    connect = " ".join(["'self'", *settings.connect_sources])
    return (
        f"default-src 'self'; connect-src {connect}; img-src 'self' data:; media-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """On every answer, errors and streams included (``app.on_response_prepare``)."""
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = content_policy(request.app[DEPS].settings)
    response.headers.setdefault("Cache-Control", "no-store")
    if request.secure or request.app[DEPS].settings.cookie_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


@web.middleware
async def errors_as_pages(request: web.Request, handler: AiohttpHandler) -> web.StreamResponse:
    """Users never see a traceback; logs hold the route, not the path with its query."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        answer = _refusal(request, error.status, error.text or error.reason)
        answer.headers.update({name: error.headers[name] for name in _KEPT if name in error.headers})
        return answer
    except RecordsUnavailable as error:
        log.warning("desk_without_database", extra={"route": route_of(request)})
        return _refusal(request, 503, f"Call history cannot be reached now: {error}")
    except (ConnectionError, TimeoutError):
        raise
    except Exception:
        log.exception("desk_request_failed", extra={"route": route_of(request)})
        return _refusal(request, 500, "Something went wrong here; it is in the desk's log. Try again, or tell who runs this service.")


@web.middleware
async def only_permitted(request: web.Request, handler: AiohttpHandler) -> web.StreamResponse:
    """Unmarked handlers are refused, then those who are not logged in, then wrong roles, then what another site sent."""
    if request.match_info.http_exception is not None:
        return await handler(request)
    roles = roles_of(request.match_info.handler)
    if roles is None:
        log.error("desk_route_unmarked", extra={"route": route_of(request)})
        raise web.HTTPInternalServerError(text="This page says not who may see it, so nobody may.")
    identity = session_cookie(request)
    session = await request.app[DEPS].sessions.find(identity) if identity else None
    if session is not None:
        remember_session(request, session)
    if roles is not PUBLIC:
        if session is None:
            raise _login_first(request)
        if session.role not in roles:
            raise web.HTTPForbidden(text=f"This is not for the role {session.role.value}.")
    if request.method not in SAFE:
        await _refuse_foreign(request, needs_token=roles is not PUBLIC)
    return await handler(request)


async def _refuse_foreign(request: web.Request, *, needs_token: bool) -> None:
    if cross_site(request.headers, request.host, request.app[DEPS].settings.public_url):
        raise web.HTTPForbidden(text="This was sent from another site.")
    if needs_token and not same_token(await given_token(request), session_of(request).csrf):
        raise web.HTTPForbidden(text="This form is from another session: reload the page and try again.")


def _login_first(request: web.Request) -> web.HTTPException:
    accepted = request.headers.get("Accept", "*/*")
    if request.method not in SAFE or not ("text/html" in accepted or accepted == "*/*") or request.path == "/live":
        return web.HTTPUnauthorized(text="Log in first.")
    target = request.path_qs if request.path.startswith("/card/") else request.path
    return see_other(str(request.app.router["login"].url_for().with_query(next=target)))


def _refusal(request: web.Request, status: int, text: str) -> web.StreamResponse:
    if wants_json(request):
        return web.json_response({"error": text}, status=status)
    return error_page(request, status, text, logged_in=find_session(request) is not None)


def route_of(request: web.Request) -> str:
    """The route as it was added, without what was asked for in it."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(none)"
