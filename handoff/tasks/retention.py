"""Retention: recordings, transcripts and calls go when their days are over; calls that are not over are never touched.

Each batch is a transaction. What is to go is written to the audit first: what cannot be written down is not done.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import LiteralString

from handoff.desk.audit import AuditLog
from handoff.desk.database import Database
from handoff.desk.secret import DeskSecret, SecretUnusable
from handoff.records.store import RecordsUnavailable
from handoff.tasks.job import Connection, Done, Ending, Job, JobFailed
from handoff.tasks.outbox import connect
from handoff.tasks.retention_files import old_recordings
from handoff.tasks.retention_plan import Cutoffs, Purged
from handoff.tasks.settings import RetentionSettings

log = logging.getLogger(__name__)

# A call is over when it has ended, and when nothing that came after its end is younger: it may have come back from a queue.
_OVER: LiteralString = """
ended_at < %(before)s AND NOT EXISTS (
    SELECT FROM events e WHERE e.call_id = calls.id AND calls.started_at + e.at_ms * interval '1 millisecond' >= %(before)s)
"""

_WHOLE: LiteralString = "SELECT id FROM calls WHERE " + _OVER  # noqa: S608 - constants
_WORDS_LEFT: LiteralString = """
AND (
    EXISTS (SELECT FROM turns t WHERE t.call_id = calls.id) OR EXISTS (SELECT FROM events e WHERE e.call_id = calls.id)
    OR EXISTS (SELECT FROM cards c WHERE c.call_id = calls.id)
    OR EXISTS (SELECT FROM call_reviews r WHERE r.call_id = calls.id AND r.summary <> '')
    OR EXISTS (SELECT FROM agent_wrap_ups w WHERE w.call_id = calls.id AND w.notes <> '')
)
"""
_WITH_WORDS: LiteralString = _WHOLE + _WORDS_LEFT
_SOME: LiteralString = " ORDER BY ended_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED"

_COUNT: LiteralString = """
SELECT (SELECT count(*) FROM turns WHERE call_id = ANY(%(ids)s)) AS turns,
    (SELECT count(*) FROM events WHERE call_id = ANY(%(ids)s)) AS events,
    (SELECT count(*) FROM cards WHERE call_id = ANY(%(ids)s)) AS cards
"""

_WORDS: tuple[LiteralString, ...] = (
    "DELETE FROM turns WHERE call_id = ANY(%(ids)s)",
    "DELETE FROM events WHERE call_id = ANY(%(ids)s)",
    "DELETE FROM cards WHERE call_id = ANY(%(ids)s)",
    "UPDATE call_reviews SET summary = '', facts = '[]' WHERE call_id = ANY(%(ids)s)",
    "UPDATE agent_wrap_ups SET notes = '' WHERE call_id = ANY(%(ids)s)",
)

_CALLS: tuple[LiteralString, ...] = (
    "DELETE FROM callback_work WHERE callback_id IN (SELECT id FROM callbacks WHERE call_id = ANY(%(ids)s))",
    "DELETE FROM callbacks_due WHERE callback_id IN (SELECT id FROM callbacks WHERE call_id = ANY(%(ids)s))",
    "DELETE FROM callbacks WHERE call_id = ANY(%(ids)s)",
    "DELETE FROM call_reviews WHERE call_id = ANY(%(ids)s)",
    "DELETE FROM agent_wrap_ups WHERE call_id = ANY(%(ids)s)",
    "DELETE FROM calls WHERE id = ANY(%(ids)s)",
)

# Jobs and deliveries that are over hold ids only.
_OLD_JOBS: tuple[LiteralString, ...] = (
    "DELETE FROM task_runs WHERE state IN ('done', 'failed') AND finished_at < now() - interval '30 days'",
    "DELETE FROM webhook_deliveries WHERE happened_at < now() - interval '60 days'",
    "DELETE FROM desk_searches WHERE made_at < now() - interval '1 day'",
)


class Retention:
    """The handler of ``retention``, and its report beforehand."""

    def __init__(self, settings: RetentionSettings, url: str, recordings: Path, secret: Callable[[], DeskSecret]) -> None:
        """``secret``: of the desk, whose audit is written to."""
        self._settings = settings
        self._url = url
        self._recordings = recordings
        self._secret = secret

    def handle(self, job: Job, connection: Connection) -> Ending:
        """Raises JobFailed."""
        now = datetime.now(UTC)
        wanted = self.report(now)
        if not wanted.nothing:
            self._audit(now, "retention_begins", wanted)
            gone = self._purge(now)
            self._audit(datetime.now(UTC), "retention_done", gone)
            log.info("retention_done", extra=gone.counts())
        for statement in _OLD_JOBS:
            connection.execute(statement)
        return Done()

    def report(self, now: datetime) -> Purged:
        """What a purge at ``now`` would remove; nothing is touched. Raises psycopg.Error."""
        found, cutoffs = Purged(), Cutoffs.at(self._settings, now)
        with connect(self._url) as connection, connection.transaction():
            connection.execute("SET TRANSACTION READ ONLY")
            words = _ids(connection, _WITH_WORDS, cutoffs.transcripts)
            whole = _ids(connection, _WHOLE, cutoffs.metadata)
            found.transcripts, found.calls = len(words), len(whole)
            counted = connection.execute(_COUNT, {"ids": sorted({*words, *whole})}).fetchone()
            if counted is not None:
                found.turns, found.events, found.cards = counted["turns"], counted["events"], counted["cards"]
            self._files(connection, cutoffs, now, found, remove=False)
        return found

    def _purge(self, now: datetime) -> Purged:
        """On a connection of its own, batch by batch: what is done stays done."""
        gone, cutoffs = Purged(), Cutoffs.at(self._settings, now)
        with connect(self._url) as connection:
            # First the files: with the row of its call a file would lose the proof of its age.
            self._files(connection, cutoffs, now, gone, remove=True)
            if cutoffs.transcripts is not None:
                while ids := self._batch(connection, _WITH_WORDS + _SOME, cutoffs.transcripts, gone, whole=False):
                    gone.transcripts += ids
            if cutoffs.metadata is not None:
                while ids := self._batch(connection, _WHOLE + _SOME, cutoffs.metadata, gone, whole=True):
                    gone.calls += ids
        return gone

    def _batch(self, connection: Connection, query: LiteralString, before: datetime, gone: Purged, *, whole: bool) -> int:
        """How many calls it was."""
        with connection.transaction():
            ids = [row["id"] for row in connection.execute(query, {"before": before, "batch": self._settings.batch})]
            if ids:
                counts = [connection.execute(statement, {"ids": ids}).rowcount for statement in _WORDS]
                gone.turns, gone.events, gone.cards = gone.turns + counts[0], gone.events + counts[1], gone.cards + counts[2]
                for statement in _CALLS if whole else ():
                    connection.execute(statement, {"ids": ids})
        return len(ids)

    def _files(self, connection: Connection, cutoffs: Cutoffs, now: datetime, found: Purged, *, remove: bool) -> None:
        if cutoffs.recordings is None:
            return
        quiet_since = now - timedelta(minutes=self._settings.quiet_minutes)
        for batch in old_recordings(connection, self._recordings, cutoffs.recordings, quiet_since, self._settings.batch):
            for file in batch:
                if remove:
                    file.path.unlink(missing_ok=True)
                found.recordings += 1
                found.recording_bytes += file.bytes

    def _audit(self, at: datetime, action: str, what: Purged) -> None:
        async def write() -> None:
            database = Database(self._url, connections=1)
            await database.open()
            try:
                await AuditLog(database, self._secret()).append(at, "patchcord", "system", action, detail=what.counts())
            finally:
                await database.close()

        try:
            asyncio.run(write())
        except (RecordsUnavailable, SecretUnusable) as error:
            raise JobFailed("the audit could not be written, so nothing was removed") from error


def _ids(connection: Connection, query: LiteralString, before: datetime | None) -> list[str]:
    return [] if before is None else [row["id"] for row in connection.execute(query, {"before": before})]
