"""A real desk on a real database, with one user of each role; people log in as they would, in a real browser where a test asks."""

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from handoff.desk.access import Role
from handoff.desk.app import build_desk
from handoff.desk.database import Database
from handoff.desk.deps import DeskDeps
from handoff.desk.login.routes import PASSWORDS
from handoff.desk.passwords import Passwords
from handoff.desk.secret import DeskSecret
from handoff.records.migrate import migrate
from handoff.records.reader import PostgresReader
from handoff.records.server import EmbeddedServer
from handoff.records.writer import PostgresRecords
from tests.handoff.desk.agent.chromium import Browser, fresh_browser
from tests.handoff.desk.agent.chromium_process import ChromiumProcess
from tests.handoff.records.own_server import own_server

Client = TestClient[web.Request, web.Application]

PASSWORD = "correct horse battery"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_HASH = _CHEAP.hash(PASSWORD)
SECRET = DeskSecret(b"a secret that is only for tests, really")


@pytest.fixture(scope="session")
def desk_server() -> Iterator[EmbeddedServer]:
    with own_server() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE migrated")
        migrate(_url(server, "migrated"))
        with psycopg.connect(_url(server, "migrated")) as connection:
            for role in Role:
                connection.execute(
                    "INSERT INTO desk_users (name, role, phone, password_hash) VALUES (%s, %s, %s, %s)",
                    (role.value, role.value, "2001" if role is Role.AGENT else "", _HASH),
                )
        yield server


@pytest.fixture
def desk_database(desk_server: EmbeddedServer) -> Iterator[str]:
    """The URL of a migrated database of this test's own, with a user ``agent``, ``supervisor``, ``admin`` and ``auditor``."""
    with psycopg.connect(desk_server.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS one_desk WITH (FORCE)")
        connection.execute("CREATE DATABASE one_desk TEMPLATE migrated")
    yield _url(desk_server, "one_desk")


@pytest.fixture
async def desk_deps(desk_database: str, tmp_path: Path) -> AsyncIterator[DeskDeps]:
    reader = PostgresReader(desk_database, connections=2)
    await reader.open()
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    yield DeskDeps(Database(desk_database), reader, SECRET, recordings=recordings)
    await reader.close()


@pytest.fixture
async def records(desk_database: str, tmp_path: Path) -> AsyncIterator[PostgresRecords]:
    """Writes calls as the mind does."""
    writer = PostgresRecords(desk_database, tmp_path / "journal")
    await writer.open()
    yield writer
    await writer.close()


@dataclass(slots=True)
class Desk:
    app: web.Application
    deps: DeskDeps
    server: TestServer
    _clients: list[Client] = field(default_factory=list)

    async def stranger(self) -> Client:
        """A browser that is not logged in."""
        client: Client = TestClient(self.server)
        self._clients.append(client)
        return client

    async def login(self, name: str, password: str = PASSWORD) -> Client:
        client = await self.stranger()
        token = csrf_in(await (await client.get("/login")).text())
        answer = await client.post("/login", data={"csrf": token, "name": name, "password": password}, allow_redirects=False)
        assert answer.status == 303, await answer.text()
        return client

    async def close(self) -> None:
        for client in self._clients:
            # An answer that a test never read to its end keeps its connection, and warns whenever it is collected.
            # ``TestClient.close`` would end these, and the server under the other clients as well.
            for answer in client._responses:
                answer.close()
            await client.session.close()
        await self.server.close()


@pytest.fixture
async def desk(desk_deps: DeskDeps) -> AsyncIterator[Desk]:
    app = build_desk(desk_deps)
    app[PASSWORDS] = Passwords(_CHEAP)
    server = TestServer(app)
    await server.start_server()
    desk = Desk(app, desk_deps, server)
    yield desk
    await desk.close()


@pytest.fixture(scope="session")
def chromium_address() -> Iterator[str]:
    """One Chromium for all tests: each start keeps two cores busy for seconds."""
    with contextlib.closing(ChromiumProcess()) as process:
        yield process.address()


@pytest.fixture
async def browser(chromium_address: str) -> AsyncIterator[Browser]:
    """Nobody is logged in and nothing is kept from another test."""
    async with fresh_browser(chromium_address) as browser:
        yield browser


Post = Callable[..., Awaitable[int]]


def csrf_in(html: str) -> str:
    """The token of the first form or of the page's head."""
    found = re.search(r'name="csrf" (?:value|content)="([^"]+)"', html)
    assert found, "the page has no token"
    return found[1]


def _url(server: EmbeddedServer, name: str) -> str:
    return server.url.replace("@/patchcord?", f"@/{name}?")
