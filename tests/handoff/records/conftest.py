"""One embedded PostgreSQL for all tests, a fresh database (a copy of a migrated one) for each."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from handoff.records.migrate import migrate
from handoff.records.reader import PostgresReader
from handoff.records.server import EmbeddedServer
from handoff.records.writer import PostgresRecords
from tests.handoff.records.own_server import own_server


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    with own_server() as server:
        with admin(server) as connection:
            connection.execute("CREATE DATABASE migrated")
        migrate(url_of(server, "migrated"))
        yield server


@pytest.fixture
def database(server: EmbeddedServer) -> Iterator[str]:
    """The URL of a migrated database of this test's own."""
    with admin(server) as connection:
        connection.execute("CREATE DATABASE one_test TEMPLATE migrated")
    yield url_of(server, "one_test")
    server.start()
    with admin(server) as connection:
        connection.execute("DROP DATABASE one_test WITH (FORCE)")


@pytest.fixture
async def reader(database: str) -> AsyncIterator[PostgresReader]:
    reader = PostgresReader(database)
    await reader.open()
    yield reader
    await reader.close()


@pytest.fixture
async def writer(database: str, tmp_path: Path) -> AsyncIterator[PostgresRecords]:
    writer = PostgresRecords(database, tmp_path / "journal")
    await writer.open()
    yield writer
    await writer.close()


@pytest.fixture
def query(database: str) -> Callable[..., list[tuple[object, ...]]]:
    def run(text: str, *parameters: object) -> list[tuple[object, ...]]:
        with psycopg.connect(database) as connection:
            return connection.execute(text.encode(), parameters).fetchall()

    return run


def admin(server: EmbeddedServer) -> psycopg.Connection:
    return psycopg.connect(server.url, autocommit=True)


def url_of(server: EmbeddedServer, name: str) -> str:
    return server.url.replace("@/patchcord?", f"@/{name}?")
