"""From the table of jobs to the queue: what is due is handed out, and again when nothing came of it."""

import logging
from typing import LiteralString, Protocol

import psycopg
from psycopg.rows import dict_row

from handoff.tasks.job import Connection

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
"""Jobs that wait in the queue: more would only be handed out again before their turn."""

# A job, unless it is there already.
_ADD: LiteralString = "INSERT INTO task_runs (task, subject) VALUES (%s, %s) ON CONFLICT (task, subject) DO NOTHING"

# Take what is due. A row that is locked is being done.
_HAND: LiteralString = """
UPDATE task_runs SET state = 'handed', handed_at = now()
WHERE (task, subject) IN (
    SELECT task, subject FROM task_runs
    WHERE due_at <= now() AND (state = 'waiting' OR (state = 'handed' AND handed_at <= now() - %(again_s)s * interval '1 second'))
    ORDER BY due_at
    LIMIT greatest(0, %(most)s - (
        SELECT count(*) FROM task_runs WHERE state = 'handed' AND handed_at > now() - %(again_s)s * interval '1 second'))
    FOR UPDATE SKIP LOCKED)
RETURNING task, subject
"""

# The queue did not take it.
_BACK: LiteralString = "UPDATE task_runs SET state = 'waiting' WHERE task = %s AND subject = %s AND state = 'handed'"


# What an earlier worker was handed and is not doing.
_TAKE_BACK: LiteralString = """
UPDATE task_runs SET state = 'waiting'
WHERE (task, subject) IN (SELECT task, subject FROM task_runs WHERE state = 'handed' FOR UPDATE SKIP LOCKED)
"""


class Queue(Protocol):
    def send(self, task: str, subject: str) -> None: ...


def connect(url: str) -> Connection:
    """Raises psycopg.OperationalError."""
    return psycopg.connect(url, autocommit=True, row_factory=dict_row, connect_timeout=5, application_name="patchcord-tasks")


def add_job(connection: Connection, task: str, subject: str) -> bool:
    """To be called in the transaction of its reason. False when it was there already, done or not."""
    return connection.execute(_ADD, (task, subject)).rowcount == 1


def take_back(connection: Connection) -> int:
    """At the start of a worker: what a dead one had been handed need not wait until it is handed again. How many jobs that was."""
    return connection.execute(_TAKE_BACK).rowcount


def hand_out(connection: Connection, queue: Queue, *, again_s: float) -> int:
    """How many jobs were handed out. ``connection`` is in autocommit mode: a worker must find the row free. Raises what ``send`` raises."""
    due = connection.execute(_HAND, {"again_s": again_s, "most": MOST_AT_ONCE}).fetchall()
    for place, row in enumerate(due):
        try:
            queue.send(row["task"], row["subject"])
        except Exception:
            for rest in due[place:]:
                connection.execute(_BACK, (rest["task"], rest["subject"]))
            raise
    return len(due)
