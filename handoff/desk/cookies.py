"""The two cookies: the session's, and one before login that binds the login form to its browser."""

from typing import Final

from aiohttp import web

from handoff.desk.deps import DEPS

_SESSION: Final = "patchcord_desk"
_BEFORE_LOGIN: Final = "patchcord_login"


def session_cookie(request: web.Request) -> str:
    """The id in it; empty when there is none."""
    return request.cookies.get(_name(request, _SESSION), "")


def login_cookie(request: web.Request) -> str:
    return request.cookies.get(_name(request, _BEFORE_LOGIN), "")


def set_session(request: web.Request, response: web.StreamResponse, identity: str) -> None:
    _set(request, response, _SESSION, identity, int(request.app[DEPS].settings.absolute_s))
    response.del_cookie(_name(request, _BEFORE_LOGIN), path="/", secure=_secure(request))


def set_login(request: web.Request, response: web.StreamResponse, identity: str) -> None:
    _set(request, response, _BEFORE_LOGIN, identity, 3600)


def clear_session(request: web.Request, response: web.StreamResponse) -> None:
    response.del_cookie(_name(request, _SESSION), path="/", secure=_secure(request))


def _set(request: web.Request, response: web.StreamResponse, name: str, value: str, max_age: int) -> None:
    response.set_cookie(*(_name(request, name), value), max_age=max_age, path="/", httponly=True, samesite="Lax", secure=_secure(request))


def _name(request: web.Request, name: str) -> str:
    """With the prefix a browser takes the cookie only from this very host and over TLS (RFC 6265bis 4.1.3)."""
    return f"__Host-{name}" if _secure(request) else name


def _secure(request: web.Request) -> bool:
    return request.secure or request.app[DEPS].settings.cookie_secure
