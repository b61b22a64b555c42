"""Who may do what: each handler names its roles, and who asks is known before it runs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_Marked = TypeVar("_Marked", bound=Callable[..., Awaitable[web.StreamResponse]])

_MARK: Final = "desk_roles"


class Role(StrEnum):
    AGENT = "agent"
    """Takes calls; sees own calls."""
    SUPERVISOR = "supervisor"
    """Sees and steers all calls."""
    ADMIN = "admin"
    """What a supervisor may, and settings."""
    AUDITOR = "auditor"
    """Reads calls and the audit; changes nothing."""


ALL_ROLES: Final = frozenset(Role)
PUBLIC: Final[frozenset[Role]] = frozenset()
"""The mark of a page for everybody, logged in or not."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who logged in."""

    key: bytes
    """SHA-256 of the id in the cookie; the id itself is not kept."""
    csrf: str
    user: str
    role: Role
    phone: str
    """The user's SIP account, such as ``2001``; empty: none."""
    created_at: datetime


def requires(*roles: Role) -> Callable[[_Marked], _Marked]:
    """Only for exactly these roles. Raises ValueError without any."""
    if not roles:
        raise ValueError("requires() needs at least one role; for everybody use @public")

    def mark(handler: _Marked) -> _Marked:
        setattr(handler, _MARK, frozenset(roles))
        return handler

    return mark


def public(handler: _Marked) -> _Marked:
    """For everybody, logged in or not."""
    setattr(handler, _MARK, PUBLIC)
    return handler


def roles_of(handler: object) -> frozenset[Role] | None:
    """The roles that a handler is for, PUBLIC, or None when nobody has said."""
    found: frozenset[Role] | None = getattr(handler, _MARK, None)
    return found


_SESSION: Final = web.RequestKey("desk_session", Session)


def remember_session(request: web.Request, session: Session) -> None:
    request[_SESSION] = session


def find_session(request: web.Request) -> Session | None:
    """Who asks, if anybody is logged in."""
    return request.get(_SESSION)


def session_of(request: web.Request) -> Session:
    """Who asks; for handlers that are not public. Raises HTTPUnauthorized."""
    session: Session | None = request.get(_SESSION)
    if session is None:
        raise web.HTTPUnauthorized(text="Log in first.")
    return session
