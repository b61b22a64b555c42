"""What the database tells of calls becomes live events. It tells ids only; words are read here and go to topics of one call."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any, Final, LiteralString

import psycopg
from aiohttp import web

from agents.transcript import JsonValue
from handoff.desk.database import Database
from handoff.desk.deps import DEPS
from handoff.desk.live import LiveHub
from handoff.records.store import RecordsUnavailable

log = logging.getLogger(__name__)

CHANNEL: Final = "patchcord_calls"
RETRY_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
_CHECK_S: Final = 10.0
"""A connection that is gone without a word is noticed after this."""
_KINDS: Final = {"turns": "turn", "events": "event", "calls": "call", "cards": "card"}

# What was said.
_TURN: LiteralString = "SELECT number, who, said AS text, heard, interrupted, started_ms AS at_ms FROM turns WHERE id = %s"

# Where a card belongs, without what is in it.
_CARD: LiteralString = """
SELECT body->>'queue' AS queue, COALESCE(body->>'state', '') AS state, revision
FROM cards WHERE id = %s
"""


class Listener:
    """Keeps one connection of its own that listens, for as long as the desk runs."""

    def __init__(self, url: str, database: Database, hub: LiveHub) -> None:
        self._url = url
        self._database = database
        self._hub = hub
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. After a time without connection every page is told to begin anew, for something may have been missed."""
        failures = 0
        missed = False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}".encode())
                    if missed:
                        self._hub.reload()
                    failures, missed = 0, True
                    self.connected.set()
                    await self._listen(connection)
            except (psycopg.Error, OSError) as error:
                self.connected.clear()
                delay = RETRY_S[min(failures, len(RETRY_S) - 1)]
                failures += 1
                log.warning("desk_listener_lost", extra={"error": type(error).__name__, "retry_in_s": delay})
                await asyncio.sleep(delay)

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            async for notice in connection.notifies(timeout=_CHECK_S):
                await self._heard(notice.payload)
            await connection.execute("SELECT 1")

    async def _heard(self, payload: str) -> None:
        try:
            told = json.loads(payload)
            table, call_id, identity = str(told["table"]), str(told["call_id"]), str(told["id"])
        except (ValueError, KeyError, TypeError):
            log.warning("desk_notice_not_understood")
            return
        kind = _KINDS.get(table)
        if kind is None:
            return
        data: dict[str, JsonValue] = {"call_id": call_id, "id": identity}
        if kind == "turn":
            data |= await self._row(_TURN, identity)
        self._hub.publish(f"call:{call_id}", kind, data)
        if kind == "call":
            self._hub.publish("calls", kind, {"call_id": call_id})
        if kind == "card":
            card = await self._row(_CARD, identity)
            if card:
                self._hub.publish(f"cards:{card['queue'] or ''}", kind, data | {"card_id": identity} | card)
            else:
                self._hub.reload()

    async def _row(self, query: LiteralString, identity: str) -> dict[str, JsonValue]:
        """Empty when the database is away: the listening connection is gone then as well, and pages begin anew when it is back."""
        with contextlib.suppress(RecordsUnavailable):
            return await self._database.row(query, (identity,)) or {}
        return {}


async def listening(app: web.Application) -> AsyncIterator[None]:
    """For ``app.cleanup_ctx``."""
    deps = app[DEPS]
    listener = Listener(deps.database.url, deps.database, deps.hub)
    task = asyncio.create_task(listener.run(), name="desk-listener")
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
