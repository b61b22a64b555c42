"""The real shop over real HTTP and PostgreSQL; only its clock is ours."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import psycopg
import pytest
from aiohttp import web

from agents.tools import CallFacts, ToolSet
from agents.tools.webhook_file import read_webhooks
from agents.tools.webhook_signature import signed_headers
from agents.tools.webhooks import Webhooks
from ari_app.harbor_home.app import Shop, build_app
from ari_app.harbor_home.database import Database, prepare
from handoff.records.server import EmbeddedServer
from tests.conftest import PROJECT
from tests.handoff.records.own_server import own_server

SECRET = "a secret of tests, long enough"
MONDAY = datetime(2026, 11, 23, 10, 0)  # noqa: DTZ001 - the shop's local time
DESCRIBED = PROJECT / "agents" / "library" / "tools" / "harbor-home.yaml"


@pytest.fixture(scope="session")
def harbor_server() -> Iterator[EmbeddedServer]:
    with own_server() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE filled")
        prepare(url_of(server, "filled"), MONDAY.date())
        yield server


@pytest.fixture
def harbor_url(harbor_server: EmbeddedServer) -> str:
    """A filled database; ``counter`` puts it back to its first state."""
    return url_of(harbor_server, "filled")


@pytest.fixture
def empty_url(harbor_server: EmbeddedServer) -> Iterator[str]:
    """A database of this test's own with nothing in it."""
    with psycopg.connect(harbor_server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty_shop")
    yield url_of(harbor_server, "empty_shop")
    with psycopg.connect(harbor_server.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE empty_shop WITH (FORCE)")


def url_of(server: EmbeddedServer, name: str) -> str:
    return server.url.replace("@/patchcord?", f"@/{name}?")


@dataclass
class Counter:
    """The shop's counter and the telephone before it."""

    base: str
    database: str
    shop: Shop
    http: aiohttp.ClientSession
    tools: ToolSet
    now: datetime = MONDAY
    _calls: list[CallFacts] = field(default_factory=list)

    def later(self, **passed: float) -> None:
        self.now += timedelta(**passed)

    async def use(self, name: str, **arguments: Any) -> dict[str, Any]:
        """As the first use in a call of its own."""
        facts = CallFacts(f"call-{len(self._calls)}", "5550101", "100", "front-desk")
        self._calls.append(facts)
        return dict(await self.tools.for_call(facts).call(name, arguments))

    async def post(
        self, path: str, body: object, *, key: str = "key-1", secret: str = SECRET, at: float | None = None, signed: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        """``signed``: the path that the signature names, when it is another one."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = signed_headers(secret, "POST", signed or path, data, key, time.time() if at is None else at)
        async with self.http.post(self.base + path, data=data, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def sent_code(self, phone: str) -> str:
        async with self.http.get(f"{self.base}/test/codes/{phone}") as response:
            return str((await response.json())["code"])


@pytest.fixture
async def counter(harbor_url: str) -> AsyncIterator[Counter]:
    database = Database(harbor_url)
    await database.open()
    await database.reset(MONDAY.date())
    shop = Shop(database, SECRET, lambda: made.now)
    runner = web.AppRunner(build_app(shop, test=True), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    environment = {"PATCHCORD_HARBOR_HOME_URL": base, "PATCHCORD_HARBOR_HOME_SECRET": SECRET}
    tools = ToolSet([Webhooks([read_webhooks(DESCRIBED)], environment)])
    async with aiohttp.ClientSession() as http:
        made = Counter(base, harbor_url, shop, http, tools)
        yield made
    await tools.close()
    await runner.cleanup()
    await database.close()
