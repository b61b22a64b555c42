"""``/login``, ``/logout``, ``/password``, and ``/``, which leads to where a role works."""

import logging
import secrets
import time
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from handoff.desk.access import ALL_ROLES, Role, find_session, public, requires, session_of
from handoff.desk.cookies import clear_session, login_cookie, set_login, set_session
from handoff.desk.csrf import FIELD, same_token
from handoff.desk.deps import DEPS, NAV, DeskDeps
from handoff.desk.nav import NavItem
from handoff.desk.pages import page
from handoff.desk.passwords import PasswordRefused, Passwords, TooBusy, check_strength
from handoff.desk.requests import address_of, audit, form, local_path, see_other
from handoff.desk.sessions import csrf_token, key_of
from handoff.desk.users import User
from handoff.records.store import RecordsUnavailable

log = logging.getLogger(__name__)

PASSWORDS: Final = web.AppKey("desk_passwords", Passwords)
HOMES: Final[Mapping[Role, str]] = {Role.SUPERVISOR: "/floor", Role.ADMIN: "/floor"}
WRONG: Final = "The name or the password is not right."


def add(app: web.Application) -> None:
    app[PASSWORDS] = Passwords()
    app.router.add_get("/", home)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/login", show, name="login")
    app.router.add_post("/login", enter)
    app.router.add_post("/logout", leave)
    app.router.add_get("/password", show_password)
    app.router.add_post("/password", change_password)


@public
async def healthz(request: web.Request) -> web.StreamResponse:
    """For whoever watches the process: whether pages can be shown, and nothing more."""
    try:
        await request.app[DEPS].database.row("SELECT 1 FROM desk_users LIMIT 1")
    except RecordsUnavailable:
        return web.json_response({"ready": False}, status=503)
    return web.json_response({"ready": True})


@requires(*ALL_ROLES)
async def home(request: web.Request) -> web.StreamResponse:
    """Where a role works: its own place, or the first entry of its menu."""
    role = session_of(request).role
    menu: list[NavItem] = request.app[NAV]
    paths = [item.path for item in sorted(menu, key=lambda item: item.order) if role in item.roles]
    raise see_other(HOMES[role] if HOMES.get(role) in paths else paths[0] if paths else "/password")


@public
async def show(request: web.Request) -> web.StreamResponse:
    if find_session(request) is not None:
        raise see_other(local_path(request.query.get("next", "/")))
    return _login_page(request, next_path=local_path(request.query.get("next", "/")))


@public
async def enter(request: web.Request) -> web.StreamResponse:
    """The same answer, after the same work, for a wrong name and a wrong password."""
    deps, given = request.app[DEPS], await form(request)
    name, next_path = given.get("name", "").strip().lower()[:64], local_path(given.get("next", "/"))
    cookie = login_cookie(request)
    if not cookie or not same_token(given.get(FIELD, ""), csrf_token(deps.secret, key_of(cookie))):
        return _login_page(request, "The form was too old, or cookies are switched off. Try again.", name, next_path, 403)
    address, now = address_of(request, deps), time.monotonic()
    wait_s = deps.limits.wait_s(name, address, now)
    if wait_s > 0:
        return _login_page(request, f"Too many tries. Wait {max(1, round(wait_s))} seconds.", name, next_path, 429)
    deps.limits.begin(name, address, now)
    user = await deps.users.find(name)
    usable = user is not None and user.enabled
    try:
        right = await request.app[PASSWORDS].matches(user.password_hash if user is not None and usable else None, given.get("password", ""))
    except TooBusy:
        return _login_page(request, "Too many people log in at this moment. Try again.", name, next_path, 503)
    if user is None or not right:
        await _note(deps, "login_refused", "", "", address)
        return _login_page(request, WRONG, name, next_path, 401)
    deps.limits.succeeded(name, address)
    await _renew_hash(request, user, given["password"])
    return await _begin(request, user, next_path, address)


async def _begin(request: web.Request, user: User, next_path: str, address: str) -> web.StreamResponse:
    deps = request.app[DEPS]
    old = find_session(request)
    if old is not None:
        await deps.sessions.end(old)
    await _note(deps, "login", user.name, user.role.value, address)
    response = see_other(next_path)
    set_session(request, response, await deps.sessions.begin(user.name))
    raise response


@requires(*ALL_ROLES)
async def leave(request: web.Request) -> web.StreamResponse:
    await audit(request, "logout")
    await request.app[DEPS].sessions.end(session_of(request))
    response = see_other("/login")
    clear_session(request, response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    raise response


@requires(*ALL_ROLES)
async def show_password(request: web.Request) -> web.StreamResponse:
    return page(request, "login/password.html", problem="", done=request.query.get("done") == "1")


@requires(*ALL_ROLES)
async def change_password(request: web.Request) -> web.StreamResponse:
    """Every session of the user ends, this one begins anew."""
    deps, session, given = request.app[DEPS], session_of(request), await form(request)
    address, now = address_of(request, deps), time.monotonic()
    problem = await _password_problem(request, given, address, now)
    if problem:
        return page(request, "login/password.html", status=400, problem=problem, done=False)
    hashed = await request.app[PASSWORDS].hash(given["new"])
    await audit(request, "password_change")
    await deps.users.set_password(session.user, hashed)
    response = see_other("/password?done=1")
    set_session(request, response, await deps.sessions.begin(session.user))
    raise response


async def _password_problem(request: web.Request, given: dict[str, str], address: str, now: float) -> str:
    deps, session = request.app[DEPS], session_of(request)
    if given.get("new", "") != given.get("again", ""):
        return "The two new passwords differ."
    try:
        check_strength(given.get("new", ""))
    except PasswordRefused as refused:
        return str(refused)
    if deps.limits.wait_s(session.user, address, now) > 0:
        return "Too many tries. Wait a minute."
    deps.limits.begin(session.user, address, now)
    user = await deps.users.find(session.user)
    if user is None or not await request.app[PASSWORDS].matches(user.password_hash, given.get("old", "")):
        return "The present password is not right."
    deps.limits.succeeded(session.user, address)
    return ""


async def _renew_hash(request: web.Request, user: User, password: str) -> None:
    passwords = request.app[PASSWORDS]
    if passwords.outdated(user.password_hash):
        await request.app[DEPS].users.rehash(user, await passwords.hash(password))


async def _note(deps: DeskDeps, action: str, user: str, role: str, address: str) -> None:
    await deps.audit.append(deps.clock(), user, role, action, address=address)


def _login_page(request: web.Request, problem: str = "", name: str = "", next_path: str = "/", status: int = 200) -> web.Response:
    deps = request.app[DEPS]
    cookie = login_cookie(request) or secrets.token_urlsafe(32)
    response = page(
        request,
        "login/login.html",
        status=status,
        problem=problem,
        name=name,
        next_path=next_path,
        token=csrf_token(deps.secret, key_of(cookie)),
    )
    set_login(request, response, cookie)
    return response
