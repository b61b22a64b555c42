"""Callers who wait to be called back: when the hours of their queue allow it, people on the desk are told, once their place in the
queue is not kept any more (where it is kept at all: ``transfer.callback_trunk``). Nobody is dialled from here."""

from datetime import UTC, datetime
from typing import LiteralString

from handoff.tasks.hours import is_open
from handoff.tasks.job import Connection, Done, Ending, Job
from handoff.tasks.outbox import add_job
from handoff.tasks.settings import CallbackSettings, HoursSettings

# Those nobody has done or put off, and nobody has been told of.
_OPEN: LiteralString = """
SELECT c.id::text AS id, c.queue FROM callbacks c
LEFT JOIN callback_work w ON w.callback_id = c.id LEFT JOIN callbacks_due d ON d.callback_id = c.id
WHERE w.done_at IS NULL AND (w.due_at IS NULL OR w.due_at <= %(now)s) AND d.callback_id IS NULL
ORDER BY c.seq LIMIT 500
"""

_CALLBACK: LiteralString = """
SELECT c.queue, w.done_at FROM callbacks c LEFT JOIN callback_work w ON w.callback_id = c.id WHERE c.id = %s::uuid
"""

# Told to pages that are open, as call records tell theirs.
_DUE: LiteralString = """
WITH fresh AS (
    INSERT INTO callbacks_due (callback_id) SELECT id FROM callbacks WHERE id = %(id)s::uuid
    ON CONFLICT (callback_id) DO NOTHING RETURNING callback_id)
SELECT pg_notify('patchcord_calls', json_build_object('table', 'callbacks', 'call_id', c.call_id, 'id', c.id)::text)
FROM callbacks c JOIN fresh ON fresh.callback_id = c.id
"""


def hours_of(settings: CallbackSettings, queue: str) -> HoursSettings:
    return settings.queue_hours.get(queue, settings.hours)


def look_for_due(connection: Connection, settings: CallbackSettings, now: datetime) -> int:
    """Write a job for each whose time has come; how many. The subject holds the minute: each look is a reason of its own."""
    found = connection.execute(_OPEN, {"now": now}).fetchall()
    due = [row["id"] for row in found if is_open(hours_of(settings, row["queue"]), now)]
    return sum(add_job(connection, "callback", f"{one}/{now:%Y%m%dT%H%M}") for one in due)


class Callbacks:
    """The handler of ``callback``."""

    def __init__(self, settings: CallbackSettings) -> None:
        self._settings = settings

    def handle(self, job: Job, connection: Connection) -> Ending:
        callback_id = job.subject.partition("/")[0]
        row = connection.execute(_CALLBACK, (callback_id,)).fetchone()
        if row is not None and row["done_at"] is None and is_open(hours_of(self._settings, row["queue"]), datetime.now(UTC)):
            connection.execute(_DUE, {"id": callback_id})
        return Done()
