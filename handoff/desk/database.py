"""The desk's own connections to PostgreSQL."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from handoff.records.store import RecordsUnavailable

Connection = psycopg.AsyncConnection[dict[str, Any]]
Row = dict[str, Any]
Parameters = Sequence[object] | Mapping[str, object]


class Database:
    """Connections are made when needed and at most ``connections`` at once. Everything here raises RecordsUnavailable."""

    def __init__(self, url: str, *, connections: int = 8, timeout_s: float = 3.0) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=0,
            max_size=connections,
            timeout=timeout_s,
            reconnect_timeout=timeout_s,
            open=False,
            check=AsyncConnectionPool.check_connection,
            kwargs={"autocommit": True, "row_factory": dict_row, "connect_timeout": 5, "application_name": "patchcord-desk"},
        )

    async def open(self) -> None:
        """The database need not be there yet."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close()

    async def rows(self, query: LiteralString, parameters: Parameters = ()) -> list[Row]:
        async with self.connection() as connection:
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchall()

    async def row(self, query: LiteralString, parameters: Parameters = ()) -> Row | None:
        """The first row."""
        found = await self.rows(query, parameters)
        return found[0] if found else None

    async def run(self, query: LiteralString, parameters: Parameters = ()) -> int:
        """How many rows it changed."""
        async with self.connection() as connection:
            return (await connection.execute(query, parameters)).rowcount

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit mode, for what needs a transaction of its own."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, PoolClosed, psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise RecordsUnavailable(f"the desk found no PostgreSQL within {self._timeout_s:g} s: is the service up?") from error
        except psycopg.errors.UndefinedTable as error:
            raise RecordsUnavailable("the database lacks the desk's tables: start the service once with ./patchcord up") from error
