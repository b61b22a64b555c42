"""Logging in and out as a browser does."""

import re
from datetime import timedelta

import psycopg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from handoff.desk.app import build_desk
from handoff.desk.database import Database
from handoff.desk.deps import DeskDeps, DeskSettings
from handoff.desk.sessions import key_of
from tests.handoff.desk.conftest import PASSWORD, SECRET, Client, Desk, csrf_in


def cookie_of(client: Client) -> str:
    return next(cookie.value for cookie in client.session.cookie_jar if cookie.key == "patchcord_desk")


async def try_login(client: Client, name: str, password: str, **more: str) -> tuple[int, str]:
    token = csrf_in(await (await client.get("/login")).text())
    answer = await client.post("/login", data={"csrf": token, "name": name, "password": password, **more}, allow_redirects=False)
    return answer.status, answer.headers.get("Location", "") or await answer.text()


async def test_a_page_leads_to_the_login_and_back(desk: Desk) -> None:
    stranger = await desk.stranger()
    answer = await stranger.get("/calls", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/login?next=/calls")
    assert await try_login(stranger, "supervisor", PASSWORD, next="/calls") == (303, "/calls")
    assert (await stranger.get("/calls")).status == 200


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "/a\r\nSet-Cookie: a=b", "calls"]
)
async def test_nobody_is_sent_elsewhere(desk: Desk, target: str) -> None:
    assert await try_login(await desk.stranger(), "agent", PASSWORD, next=target) == (303, "/")


async def test_names_are_written_in_any_case(desk: Desk) -> None:
    assert (await try_login(await desk.stranger(), " Agent ", PASSWORD))[0] == 303


async def test_a_wrong_name_and_a_wrong_password_are_told_alike(desk: Desk) -> None:
    async def told(name: str) -> tuple[int, str]:
        status, text = await try_login(await desk.stranger(), name, "not the password")
        return status, re.sub(r'value="[^"]*"', "", text)

    assert await told("agent") == await told("nobody") == await told("Robert'); DROP TABLE desk_users;--")
    assert (await told("agent"))[0] == 401


async def test_the_session_is_in_the_database_as_a_digest_only(desk: Desk, desk_database: str) -> None:
    client = await desk.login("agent")
    identity = cookie_of(client)
    with psycopg.connect(desk_database) as connection:
        rows = connection.execute("SELECT key, user_name FROM desk_sessions").fetchall()
    assert [(bytes(key), name) for key, name in rows] == [(key_of(identity), "agent")]
    assert len(identity) >= 43


async def test_the_cookie_cannot_be_read_or_sent_from_elsewhere(desk: Desk) -> None:
    stranger = await desk.stranger()
    token = csrf_in(await (await stranger.get("/login")).text())
    answer = await stranger.post("/login", data={"csrf": token, "name": "agent", "password": PASSWORD}, allow_redirects=False)
    cookie = answer.cookies["patchcord_desk"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["secure"]


async def test_behind_tls_cookies_are_for_tls_and_this_host_only(desk_database: str, desk_deps: DeskDeps) -> None:
    settings = DeskSettings(cookie_secure=True, public_url="https://desk.example.com")
    app = build_desk(DeskDeps(Database(desk_database), desk_deps.reader, SECRET, settings))
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/login")
        cookie = answer.cookies["__Host-patchcord_login"]
        assert cookie["secure"] and cookie["path"] == "/" and not cookie["domain"]
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        token = csrf_in(await answer.text())
        fields = {"csrf": token, "name": "agent", "password": "not the password"}
        sent = {"Cookie": f"__Host-patchcord_login={cookie.value}"}
        assert (await client.post("/login", data=fields, headers={**sent, "Origin": "https://desk.example.com"})).status == 401
        assert (await client.post("/login", data=fields, headers={**sent, "Origin": "http://desk.example.com"})).status == 403


async def test_logging_in_again_makes_a_new_session_and_ends_the_old_one(desk: Desk, desk_database: str) -> None:
    client = await desk.login("agent")
    first = cookie_of(client)
    stranger = await desk.stranger()
    login = await stranger.get("/login")
    token = csrf_in(await login.text())
    cookies = f"patchcord_desk={first}; patchcord_login={login.cookies['patchcord_login'].value}"
    answer = await stranger.post(
        "/login", data={"csrf": token, "name": "agent", "password": PASSWORD}, headers={"Cookie": cookies}, allow_redirects=False
    )
    assert answer.cookies["patchcord_desk"].value != first
    with psycopg.connect(desk_database) as connection:
        keys = [bytes(key) for (key,) in connection.execute("SELECT key FROM desk_sessions")]
    assert keys == [key_of(answer.cookies["patchcord_desk"].value)]


async def test_an_id_that_somebody_chose_is_never_a_session(desk: Desk) -> None:
    stranger = await desk.stranger()
    assert (await stranger.get("/calls", headers={"Cookie": "patchcord_desk=chosen"}, allow_redirects=False)).status == 303


async def test_a_login_form_of_another_browser_is_refused(desk: Desk) -> None:
    token = csrf_in(await (await (await desk.stranger()).get("/login")).text())
    victim = await desk.stranger()
    await victim.get("/login")
    answer = await victim.post("/login", data={"csrf": token, "name": "agent", "password": PASSWORD}, allow_redirects=False)
    assert answer.status == 403


async def test_logging_out_ends_the_session_everywhere(desk: Desk) -> None:
    client = await desk.login("agent")
    identity = cookie_of(client)
    token = csrf_in(await (await client.get("/password")).text())
    assert (await client.post("/logout", data={"csrf": token}, allow_redirects=False)).status == 303
    thief = await desk.stranger()
    assert (await thief.get("/password", headers={"Cookie": f"patchcord_desk={identity}"}, allow_redirects=False)).status == 303


IDLE = b"UPDATE desk_sessions SET seen_at = now() - %s"
OLD = b"UPDATE desk_sessions SET created_at = now() - %s"


@pytest.mark.parametrize(("make", "age"), [(IDLE, timedelta(hours=8, seconds=1)), (OLD, timedelta(hours=24, seconds=1))])
async def test_sessions_end_by_themselves(desk: Desk, desk_database: str, make: bytes, age: timedelta) -> None:
    client = await desk.login("agent")
    with psycopg.connect(desk_database) as connection:
        connection.execute(make, (age - timedelta(seconds=30),))
    assert (await client.get("/password", allow_redirects=False)).status == 200
    with psycopg.connect(desk_database) as connection:
        connection.execute(make, (age,))
    assert (await client.get("/password", allow_redirects=False)).status == 303


async def test_who_is_disabled_is_out_at_once(desk: Desk) -> None:
    client = await desk.login("agent")
    await desk.deps.users.disable("agent")
    assert (await client.get("/password", allow_redirects=False)).status == 303
    assert (await try_login(await desk.stranger(), "agent", PASSWORD))[0] == 401
    await desk.deps.users.enable("agent")
    assert (await client.get("/password", allow_redirects=False)).status == 303, "the old session stays ended"
    await desk.login("agent")


async def test_a_new_password_ends_all_sessions_but_this(desk: Desk) -> None:
    client, other = await desk.login("agent"), await desk.login("agent")
    token = csrf_in(await (await client.get("/password")).text())
    fields = {"csrf": token, "old": PASSWORD, "new": "another good one", "again": "another good one"}
    answer = await client.post("/password", data=fields, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/password?done=1")
    assert (await client.get("/password", allow_redirects=False)).status == 200
    assert (await other.get("/password", allow_redirects=False)).status == 303
    assert (await try_login(await desk.stranger(), "agent", PASSWORD))[0] == 401
    await desk.login("agent", "another good one")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"old": "wrong password", "new": "another good one", "again": "another good one"}, "present password is not right"),
        ({"old": PASSWORD, "new": "another good one", "again": "another good two"}, "differ"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "at least 12"),
        ({"old": PASSWORD, "new": "a" * 20, "again": "a" * 20}, "five different"),
        ({}, "at least 12"),
    ],
)
async def test_a_password_that_is_not_taken(desk: Desk, fields: dict[str, str], told: str) -> None:
    client = await desk.login("agent")
    token = csrf_in(await (await client.get("/password")).text())
    answer = await client.post("/password", data={"csrf": token, **fields}, allow_redirects=False)
    assert answer.status == 400
    assert told in await answer.text()
    await desk.login("agent")


async def test_guessing_gets_slower_and_the_right_password_waits_as_well(desk: Desk) -> None:
    stranger = await desk.stranger()
    statuses = [(await try_login(stranger, "agent", f"guess number {number}"))[0] for number in range(6)]
    assert statuses == [401] * 5 + [429]
    assert (await try_login(stranger, "agent", PASSWORD))[0] == 429
    assert (await try_login(stranger, "supervisor", PASSWORD))[0] == 303, "others are not locked out by it"


async def test_the_audit_knows_of_logins_and_of_refusals_without_what_was_typed(desk: Desk) -> None:
    await try_login(await desk.stranger(), "my secret typed into the wrong field", "x")
    await desk.login("agent")
    rows = await desk.deps.audit.entries()
    assert [(row["action"], row["actor"], row["detail"]) for row in rows] == [("login", "agent", {}), ("login_refused", "", {})]
    assert all(row["address"] == "127.0.0.1" for row in rows)
