"""Call history out of PostgreSQL."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from agents.transcript import JsonValue, Turn
from handoff.card import turn_from_json
from handoff.records.history import summary, whole_call
from handoff.records.store import RecordsUnavailable, UnendedCall

_Connection = psycopg.AsyncConnection[dict[str, Any]]

# The newest calls, each with the number of its turns.
_LIST: LiteralString = """
SELECT calls.*, (SELECT count(*) FROM turns WHERE turns.call_id = calls.id) AS turn_count
FROM calls ORDER BY COALESCE(started_at, ended_at) DESC NULLS LAST, id LIMIT %s
"""

# The call with exactly this id, or two of those that begin with it, to see whether the prefix is ambiguous.
_FIND: LiteralString = "SELECT * FROM calls WHERE starts_with(id, %(id)s) ORDER BY id <> %(id)s, id LIMIT 2"

# All turns of a call in the order in which they were said.
_TURNS: LiteralString = """
SELECT number, who, said AS text, heard, started_ms, ended_ms, via, interrupted, latency_ms
FROM turns WHERE call_id = %s ORDER BY number, seq
"""

# All events of a call in the order in which they happened.
_EVENTS: LiteralString = "SELECT kind, at_ms, data FROM events WHERE call_id = %s ORDER BY seq"

# The newest card of a call.
_CARD: LiteralString = "SELECT body FROM cards WHERE call_id = %s ORDER BY seq DESC LIMIT 1"

# A card by its id.
_CARD_BY_ID: LiteralString = "SELECT body FROM cards WHERE id = %s"

# Cards by their last change.
_CARDS_SINCE: LiteralString = """
SELECT body FROM cards WHERE COALESCE(updated_at, created_at) >= %s ORDER BY COALESCE(updated_at, created_at), id LIMIT %s
"""

# The newest callback of a call.
_CALLBACK: LiteralString = """
SELECT c.number, c.queue, c.asked_at, w.done_at FROM callbacks c LEFT JOIN callback_work w ON w.callback_id = c.id
WHERE c.call_id = %s ORDER BY c.seq DESC LIMIT 1
"""

# Calls whose end nobody has written.
_UNENDED: LiteralString = "SELECT id, channel FROM calls WHERE ended_at IS NULL AND started_at < %s ORDER BY started_at"

# When a call started.
_START: LiteralString = "SELECT started_at FROM calls WHERE id = %s"


class PostgresReader:
    """Implements CallReader. Connections are made when needed and at most ``connections`` at once."""

    def __init__(self, url: str, *, connections: int = 4, timeout_s: float = 3.0) -> None:
        self._where = _shown(url)
        self._timeout_s = timeout_s
        self._pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
            url,
            min_size=0,
            max_size=connections,
            timeout=timeout_s,
            reconnect_timeout=timeout_s,
            open=False,
            check=AsyncConnectionPool.check_connection,
            kwargs={"autocommit": True, "row_factory": dict_row, "connect_timeout": 5, "application_name": "patchcord-reader"},
        )

    async def open(self) -> None:
        """The database need not be there yet."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close()

    async def list_calls(self, limit: int) -> list[dict[str, JsonValue]]:
        return [summary(_plain(row), row["turn_count"]) for row in await self._rows(_LIST, (max(0, limit),))]

    async def get_call(self, call_id: str) -> dict[str, JsonValue] | None:
        call_id = _text(call_id)
        if not call_id:
            return None
        async with self._connection() as connection, connection.transaction():
            found = await _fetch(connection, _FIND, {"id": call_id})
            if not found or (len(found) > 1 and found[0]["id"] != call_id):
                return None
            key = (found[0]["id"],)
            turns = await _fetch(connection, _TURNS, key)
            events = await _fetch(connection, _EVENTS, key)
            cards = await _fetch(connection, _CARD, key)
            callbacks = await _fetch(connection, _CALLBACK, key)
        callback = _plain(callbacks[0]) if callbacks else None
        return whole_call(_plain(found[0]), turns, events, cards[0]["body"] if cards else None, callback)

    async def get_card(self, card_id: str) -> dict[str, JsonValue] | None:
        rows = await self._rows(_CARD_BY_ID, (_text(card_id),))
        return rows[0]["body"] if rows else None

    async def cards_since(self, moment: datetime, limit: int = 200) -> list[dict[str, JsonValue]]:
        return [row["body"] for row in await self._rows(_CARDS_SINCE, (moment, max(0, limit)))]

    async def unended(self, before: datetime) -> list[UnendedCall]:
        return [UnendedCall(row["id"], row["channel"]) for row in await self._rows(_UNENDED, (before,))]

    async def turns_of(self, call_id: str) -> list[Turn]:
        async with self._connection() as connection:
            found = await _fetch(connection, _START, (_text(call_id),))
            rows = await _fetch(connection, _TURNS, (_text(call_id),))
        start = found[0]["started_at"] if found else None
        base = time.monotonic() - (datetime.now(UTC) - start).total_seconds() if start is not None else 0.0
        return [turn_from_json(row, base) for row in rows]

    async def _rows(self, query: LiteralString, parameters: Sequence[object] | Mapping[str, object]) -> list[dict[str, Any]]:
        async with self._connection() as connection:
            return await _fetch(connection, query, parameters)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[_Connection]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, PoolClosed, psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise RecordsUnavailable(
                f"no PostgreSQL at {self._where} within {self._timeout_s:g} s: start the service with ./patchcord up, or mend database.url"
            ) from error
        except psycopg.errors.UndefinedTable as error:
            raise RecordsUnavailable(
                f"the database at {self._where} has no tables yet: start the service once with ./patchcord up"
            ) from error


async def _fetch(
    connection: _Connection, query: LiteralString, parameters: Sequence[object] | Mapping[str, object]
) -> list[dict[str, Any]]:
    cursor = await connection.execute(query, parameters)
    return await cursor.fetchall()


def _plain(row: dict[str, Any]) -> dict[str, JsonValue]:
    return {name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _text(value: str) -> str:
    """A value that the driver accepts; one that it would not cannot be in the database either, so it finds nothing."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _shown(url: str) -> str:
    """Where the database is looked for, without its password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" + (f"?{parts.query}" if not host else "")
