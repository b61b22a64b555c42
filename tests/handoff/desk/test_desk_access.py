"""Every route for every role: nothing is open by mistake, nothing that changes something goes without a token."""

import re
from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handoff.desk.access import PUBLIC, Role, requires, roles_of
from handoff.desk.app import build_desk
from handoff.desk.deps import DeskDeps
from tests.handoff.desk.conftest import Desk, csrf_in

PUBLIC_ROUTES = {("GET", "/login"), ("POST", "/login"), ("GET", "/healthz"), ("GET", "/static/{name}")}
"""Whoever adds to this says why in the review."""


def routes(app: web.Application) -> Iterator[tuple[str, str, object]]:
    """Method, path as it was added, handler."""
    for route in app.router.routes():
        if route.resource is not None and route.method != "HEAD":
            yield route.method, re.sub(r":[^}]*}", "}", route.resource.canonical), route.handler


def filled(path: str) -> str:
    """A path of the route, with something in its places."""
    return re.sub(r"{[^}]*}", "nothing-of-this-name", path)


async def test_every_route_says_who_it_is_for(desk: Desk) -> None:
    unmarked = [(method, path) for method, path, handler in routes(desk.app) if roles_of(handler) is None]
    assert unmarked == []
    assert {(method, path) for method, path, handler in routes(desk.app) if roles_of(handler) is PUBLIC} == PUBLIC_ROUTES


async def test_a_stranger_gets_nowhere(desk: Desk) -> None:
    stranger = await desk.stranger()
    for method, path, handler in routes(desk.app):
        if roles_of(handler) is PUBLIC:
            continue
        answer = await stranger.request(method, filled(path), headers={"Accept": "application/json"}, allow_redirects=False)
        assert answer.status == 401, (method, path)
        page = await stranger.request(method, filled(path), headers={"Accept": "text/html"}, allow_redirects=False)
        assert page.status in (303, 401), (method, path)
        assert page.headers.get("Location", "/login").startswith("/login"), (method, path)


@pytest.mark.parametrize("role", Role)
async def test_a_role_reaches_only_what_names_it(desk: Desk, role: Role) -> None:
    client = await desk.login(role.value)
    for method, path, handler in routes(desk.app):
        roles = roles_of(handler)
        assert roles is not None
        if roles is PUBLIC or role in roles:
            continue
        answer = await client.request(method, filled(path), headers={"Accept": "application/json"}, allow_redirects=False)
        assert answer.status == 403, (method, path)
        assert f"role {role.value}" in (await answer.json())["error"], (method, path)


@pytest.mark.parametrize("role", Role)
async def test_nothing_changes_without_the_token(desk: Desk, role: Role) -> None:
    client = await desk.login(role.value)
    for method, path, handler in routes(desk.app):
        roles = roles_of(handler)
        if method in ("GET", "HEAD", "OPTIONS") or roles is None or roles is PUBLIC or role not in roles:
            continue
        for data, sent in ((None, None), ({"csrf": "guess"}, None), (None, {"csrf": "guess"})):
            headers = {"Accept": "application/json"}
            answer = await client.request(method, filled(path), headers=headers, allow_redirects=False, data=data, json=sent)
            assert answer.status == 403, (method, path, data, sent)
            assert "another session" in (await answer.json())["error"], (method, path)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_other_sites_are_refused_even_with_the_token(desk: Desk, headers: dict[str, str]) -> None:
    client = await desk.login("agent")
    token = csrf_in(await (await client.get("/password")).text())
    answer = await client.post("/logout", data={"csrf": token}, headers=headers, allow_redirects=False)
    assert answer.status == 403
    own = {"Origin": str(client.make_url("/")).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    answer = await client.post("/logout", data={"csrf": token}, headers=own, allow_redirects=False)
    assert answer.status == 303


async def test_the_token_of_somebody_else_is_refused(desk: Desk) -> None:
    mine, other = await desk.login("agent"), await desk.login("agent")
    token = csrf_in(await (await other.get("/password")).text())
    assert (await mine.post("/logout", data={"csrf": token})).status == 403


async def test_a_handler_without_a_mark_is_refused_even_to_an_admin(desk_deps: DeskDeps) -> None:
    app = build_desk(desk_deps)

    async def forgotten(_: web.Request) -> web.Response:
        raise AssertionError("reached")

    app.router.add_get("/forgotten", forgotten)
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/forgotten")).status == 500


def test_requires_names_roles() -> None:
    with pytest.raises(ValueError, match="at least one role"):
        requires()


async def test_every_answer_has_the_headers_of_safety(desk: Desk) -> None:
    client = await desk.login("supervisor")
    for path in ("/calls", "/static/desk.css", "/nowhere", "/healthz"):
        headers = (await client.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
    assert (await client.get("/calls")).headers["Cache-Control"] == "no-store"


async def test_static_files_and_nothing_else(desk: Desk) -> None:
    stranger = await desk.stranger()
    assert (await stranger.get("/static/desk.css")).status == 200
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/desk.css/../../app.py"):
        assert (await stranger.get(path)).status == 404, path


async def test_pages_hold_no_inline_script_or_style(desk: Desk) -> None:
    """The policy would stop them, so a page that has one is broken."""
    for role in Role:
        client = await desk.login(role.value)
        for method, path, handler in routes(desk.app):
            if method != "GET" or "{" in path or path == "/live" or role not in (roles_of(handler) or frozenset()):
                continue
            answer = await client.get(path)
            if answer.content_type == "text/html":
                html = await answer.text()
                assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", html), path
