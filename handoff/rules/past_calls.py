"""Past calls out of PostgreSQL, a batch at a time, with what rules need of them and nothing that was said."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Any, Final, LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import dict_row

from handoff.records.store import RecordsUnavailable
from handoff.rules.stored import StoredCall

BATCH: Final = 50
"""Calls that are in memory at once."""

# How many calls began since then.
_COUNT: LiteralString = "SELECT count(*) AS calls FROM calls WHERE started_at >= %s"

# The next calls, the earliest first.
_CALLS: LiteralString = """
SELECT id, started_at, number, route, outcome, reason FROM calls
WHERE started_at >= %(since)s AND (started_at, id) > (%(after)s, %(after_id)s) ORDER BY started_at, id LIMIT %(batch)s
"""

# Their turns, without words.
_TURNS: LiteralString = """
SELECT call_id, seq, number, who, via, interrupted, started_ms, ended_ms FROM turns WHERE call_id = ANY(%s) ORDER BY call_id, seq
"""

# Their events.
_EVENTS: LiteralString = "SELECT call_id, seq, kind, at_ms, data FROM events WHERE call_id = ANY(%s) ORDER BY call_id, seq"

Row = dict[str, Any]


class PastCalls:
    """``async with PastCalls(url, since) as past``. Reads only. Raises RecordsUnavailable."""

    def __init__(self, url: str, since: datetime, *, most: int, timeout_s: float = 5.0) -> None:
        """``since``: time zone aware. ``most``: calls that are read, the earliest first."""
        self._url, self._since, self._most, self._timeout_s = url, since, most, timeout_s
        self._held = AsyncExitStack()
        self._connection: psycopg.AsyncConnection[Row] | None = None

    async def __aenter__(self) -> "PastCalls":
        try:
            # Each query for itself: a replay of many calls must not keep the database from clearing up behind it.
            connection = await psycopg.AsyncConnection.connect(
                self._url,
                autocommit=True,
                row_factory=dict_row,
                connect_timeout=max(2, round(self._timeout_s)),
                application_name="patchcord-rules",
            )
        except psycopg.Error as error:
            raise self._unavailable(error) from error
        self._connection = await self._held.enter_async_context(connection)
        await self._connection.execute("SET default_transaction_read_only = on")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._held.__aexit__(kind, error, trace)

    async def count(self) -> int:
        """Of those that will be read."""
        (row,) = await self._rows(_COUNT, (self._since,))
        return min(int(row["calls"]), self._most)

    async def __aiter__(self) -> AsyncIterator[StoredCall]:
        after, after_id, left = self._since, "", self._most
        while left > 0:
            calls = await self._rows(_CALLS, {"since": self._since, "after": after, "after_id": after_id, "batch": min(BATCH, left)})
            if not calls:
                return
            ids = [call["id"] for call in calls]
            turns, events = await self._of(_TURNS, ids), await self._of(_EVENTS, ids)
            for call in calls:
                yield StoredCall.of({**call, "turns": turns.get(call["id"], []), "events": events.get(call["id"], [])})
            after, after_id, left = calls[-1]["started_at"], calls[-1]["id"], left - len(calls)

    async def _of(self, query: LiteralString, ids: list[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in await self._rows(query, (ids,)):
            found.setdefault(row["call_id"], []).append(row)
        return found

    async def _rows(self, query: LiteralString, parameters: Sequence[object] | Row) -> list[Row]:
        assert self._connection is not None, "entered with async with"  # noqa: S101 - a slip of ours
        try:
            return await (await self._connection.execute(query, parameters)).fetchall()
        except psycopg.errors.UndefinedTable as error:
            raise RecordsUnavailable("the database has no tables yet: start the service once with ./patchcord up") from error
        except psycopg.Error as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> RecordsUnavailable:
        parts = urlsplit(self._url)
        where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        return RecordsUnavailable(
            f"the database at {where} does not answer ({type(error).__name__}): start the service with ./patchcord up, or mend database.url"
        )
