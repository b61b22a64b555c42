"""Call history into PostgreSQL: first into the journal on disk, at once, then by a background task into the database, in batches.

The task reads the journal from its beginning, writes a batch in one transaction and only then marks it done; a batch that may have been
written is written again, which changes nothing. So neither an absent database nor a dying connection nor our own death loses or doubles
a record.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

from agents.transcript import JsonValue, Turn
from handoff.card import Card
from handoff.records.encoding import Encoder, Record
from handoff.records.journal import DEFAULT_LIMITS, Batch, Journal, Limits, sync_descriptor
from handoff.records.rejected import Rejected
from handoff.records.statements import BadRecord, is_content_error, statement
from handoff.records.store import CallEnded, CallStarted

log = logging.getLogger(__name__)

_BATCH = 200
_BATCH_TIMEOUT_S = 15.0
_SYNC_EVERY_S = 1.0
_FIRST_RETRY_S = 0.1
_LAST_RETRY_S = 2.0
_SAY_AGAIN_S = 30.0


class PostgresRecords:
    """Implements CallWriter. All methods belong on the thread of the event loop; those of CallWriter work before ``open`` too."""

    def __init__(self, url: str, journal: Path, *, limits: Limits = DEFAULT_LIMITS) -> None:
        """``journal`` is a folder that all processes of one instance share; what dead ones left in it is written first."""
        self._url = url
        self._encoder = Encoder()
        self._journal = Journal(journal, limits)
        self.rejected = Rejected(journal / "rejected.jsonl")
        self._connection: psycopg.AsyncConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()
        self._progress = asyncio.Event()
        self._one_by_one = 0
        self._away_since: float | None = None
        self._said_at = float("-inf")

    async def open(self) -> None:
        """Start writing. The database need not be there yet."""
        if self._journal.inherited_records:
            log.warning("journal_replay", extra={"records": self._journal.inherited_records})
        self._tasks = [
            asyncio.create_task(self._write_all(), name="records-write"),
            asyncio.create_task(self._keep_house(), name="records-sync"),
        ]

    async def close(self, timeout_s: float = 5.0) -> bool:
        """Write what can be written in ``timeout_s``; the rest stays in the journal for the next process. True when all was written."""
        complete = await self.flush(timeout_s) if self._tasks else self.pending() == 0
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        await self._disconnect()
        self._journal.close()
        return complete

    def call_started(self, call: CallStarted) -> None:
        self._append(self._encoder.call_started(call))

    def turn(self, call_id: str, turn: Turn) -> None:
        self._append(self._encoder.turn(call_id, turn))

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self._append(self._encoder.event(call_id, kind, at, data))

    def card(self, card: Card) -> None:
        self._append(self._encoder.card(card))

    def callback(self, call_id: str, number: str, queue: str) -> None:
        self._append(self._encoder.callback(call_id, number, queue))

    def callback_due(self, call_id: str, in_s: float) -> None:
        self._append(self._encoder.callback_due(call_id, in_s))

    def callback_done(self, call_id: str) -> None:
        self._append(self._encoder.callback_done(call_id))

    def call_ended(self, call: CallEnded) -> None:
        self._append(self._encoder.call_ended(call))

    async def flush(self, timeout_s: float) -> bool:
        """Wait for everything handed in before this call; what others hand in meanwhile does not prolong it."""
        target = self._journal.written()
        try:
            async with asyncio.timeout(timeout_s):
                while self._journal.finished() < target:
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            return False
        return True

    def pending(self) -> int:
        return self._journal.pending()

    @property
    def dropped(self) -> int:
        """Records lost because the disk was full for too long."""
        return self._journal.dropped

    @property
    def away_s(self) -> float:
        """Seconds since the database was last reached; 0 while it is."""
        return 0.0 if self._away_since is None else time.monotonic() - self._away_since

    def _append(self, record: Record) -> None:
        self._journal.append(record)
        self._wake.set()

    # -- background

    async def _write_all(self) -> None:
        failures = 0
        while True:
            try:
                if not await self._write_some():
                    await self._wait_for_work()
                failures = 0
            except (OSError, TimeoutError, psycopg.Error) as error:
                await self._disconnect()
                self._complain(error)
                await asyncio.sleep(min(_FIRST_RETRY_S * 2**failures, _LAST_RETRY_S) if failures else 0)
                failures = min(failures + 1, 10)
            except Exception:
                # A mistake of ours: said aloud each time, and no reason to stop recording.
                log.exception("records_writer_failed", extra={"pending": self.pending()})
                await self._disconnect()
                await asyncio.sleep(_LAST_RETRY_S)

    async def _write_some(self) -> bool:
        batch = self._journal.read(1 if self._one_by_one else _BATCH)
        if not batch.lines:
            return False
        try:
            async with asyncio.timeout(_BATCH_TIMEOUT_S):
                await self._store(batch.records)
        except (BadRecord, psycopg.Error, ValueError, TypeError) as error:
            if not is_content_error(error):
                raise
            self._set_aside(batch, error)
            return True
        self._finish(batch)
        return True

    async def _store(self, records: list[Record]) -> None:
        statements = [statement(record) for record in records]
        if not statements:
            return
        connection = await self._connect()
        async with connection.transaction(), connection.pipeline():
            for query, parameters in statements:
                await connection.execute(query, parameters)

    def _set_aside(self, batch: Batch, error: Exception) -> None:
        """Find the record that spoils a batch by writing its records one by one."""
        if len(batch.records) > 1:
            self._one_by_one = batch.lines
            return
        for record in batch.records:
            self.rejected.add(record, error)
        self._finish(batch)

    def _finish(self, batch: Batch) -> None:
        self._journal.done(batch)
        self._one_by_one = max(0, self._one_by_one - batch.lines)
        self._progress.set()

    async def _wait_for_work(self) -> None:
        self._wake.clear()
        await self._wake.wait()

    async def _keep_house(self) -> None:
        """Bring the journal to disk, and clear it away when all is written."""
        while True:
            await asyncio.sleep(_SYNC_EVERY_S)
            try:
                if self.pending() == 0:
                    self._journal.compact()
                descriptor = self._journal.sync()
            except OSError as error:
                log.error("journal_upkeep_failed", extra={"error": str(error)})
                continue
            if descriptor >= 0:
                await asyncio.to_thread(sync_descriptor, descriptor)

    async def _connect(self) -> psycopg.AsyncConnection:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url, autocommit=True, connect_timeout=5, application_name="patchcord-records"
            )
            if self._away_since is not None:
                log.warning("database_back", extra={"away_s": round(self.away_s, 1), "pending": self.pending()})
                self._away_since = None
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _complain(self, error: Exception) -> None:
        now = time.monotonic()
        self._away_since = self._away_since or now
        if now - self._said_at < _SAY_AGAIN_S:
            return
        self._said_at = now
        log.error(
            "database_unavailable",
            extra={
                "error": _short(error),
                "pending": self.pending(),
                "remedy": "nothing is lost: records wait in the journal; see that PostgreSQL runs and database.url is right",
            },
        )


def _short(error: Exception) -> str:
    """The first line only: the following ones may quote values."""
    return (str(error).splitlines() or [type(error).__name__])[0]
