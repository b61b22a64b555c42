"""One job, once: the row is locked while it is done, and what the job writes is committed together with its end."""

import logging
import time
import traceback
from typing import Final, LiteralString

import psycopg

from handoff.tasks.job import Connection, Done, Ending, GivenUp, Handlers, Job, JobFailed, Later
from handoff.tasks.outbox import connect

log = logging.getLogger(__name__)

MOST_TRIES: Final = 12
"""Of a job that fails by an error. Jobs that come back later by themselves count on their own."""
_FIRST_WAIT_S: Final = 2.0
_LONGEST_WAIT_S: Final = 3600.0

# Counted on its own, before: so that a job of which the worker dies is known.
_BEGIN: LiteralString = """
UPDATE task_runs SET starts = starts + 1 WHERE (task, subject) IN (
    SELECT task, subject FROM task_runs WHERE task = %s AND subject = %s AND state IN ('waiting', 'handed') AND due_at <= now()
    FOR UPDATE SKIP LOCKED)
RETURNING starts
"""

_LOCK: LiteralString = """
SELECT task, subject, created_at, tries FROM task_runs
WHERE task = %s AND subject = %s AND state IN ('waiting', 'handed') AND due_at <= now() FOR UPDATE SKIP LOCKED
"""

_OVER: LiteralString = """
UPDATE task_runs SET state = %(state)s, finished_at = now(), starts = 0, tries = tries + %(tries)s, error = %(error)s
WHERE task = %(task)s AND subject = %(subject)s
"""

_LATER: LiteralString = """
UPDATE task_runs SET state = 'waiting', due_at = now() + %(wait_s)s * interval '1 second', starts = 0, tries = tries + 1, error = %(error)s
WHERE task = %(task)s AND subject = %(subject)s AND state IN ('waiting', 'handed')
"""


class Runner:
    """Does jobs on the threads of the worker, each with a connection of its own."""

    def __init__(self, url: str, handlers: Handlers, *, most_starts: int = 5) -> None:
        self._url = url
        self._handlers = handlers
        self._most_starts = most_starts

    def run(self, task: str, subject: str) -> None:
        """Nothing when the job is done, is being done, or is not due. Raises nothing: what fails is tried again later."""
        began = time.monotonic()
        told: dict[str, object] = {"task_name": task, "subject": subject}
        try:
            with connect(self._url) as connection:
                ending = self._run(connection, task, subject)
        except psycopg.Error as error:
            # The row still says that it was handed out, and to be handed out again after a while.
            log.error("task_database_failed", extra={**told, "error": type(error).__name__})
            return
        if ending is not None:
            told["ms"] = round((time.monotonic() - began) * 1000)
            level = logging.ERROR if isinstance(ending, GivenUp) else logging.INFO
            log.log(level, f"task_{_word(ending)}", extra={**told, "why": getattr(ending, "why", "")})

    def _run(self, connection: Connection, task: str, subject: str) -> Ending | None:
        began = connection.execute(_BEGIN, (task, subject)).fetchone()
        if began is None:
            return None
        ending: Ending
        if began["starts"] > self._most_starts:
            ending = GivenUp(f"the process died {began['starts'] - 1} times while it did this; its log may say why")
            return ending if _finish(connection, task, subject, ending) else None
        tries = 0
        try:
            with connection.transaction():
                row = connection.execute(_LOCK, (task, subject)).fetchone()
                if row is None:
                    return None
                job = Job(**row)
                tries = job.tries
                ending = self._do(job, connection)
                _finish(connection, task, subject, ending)
        except Exception as error:
            if connection.closed:
                raise
            ending = _failed(error, tries)
            if not isinstance(error, JobFailed):
                # Not its text: that of others may quote what they were given.
                last = traceback.extract_tb(error.__traceback__)[-1]
                told = {"error": type(error).__name__, "place": f"{last.filename}:{last.lineno}"}
                log.error("task_crashed", extra={"task_name": task, "subject": subject, **told})
            _finish(connection, task, subject, ending)
        return ending

    def _do(self, job: Job, connection: Connection) -> Ending:
        handler = self._handlers.get(job.task)
        return GivenUp("this version knows no such task") if handler is None else handler(job, connection)


def _failed(error: Exception, tries: int) -> Ending:
    """Only messages of our own may be kept: others may quote what they were given."""
    why = str(error) if isinstance(error, JobFailed) else type(error).__name__
    if tries + 1 >= MOST_TRIES:
        return GivenUp(why)
    return Later(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**tries), why)


def _finish(connection: Connection, task: str, subject: str, ending: Ending) -> bool:
    place: dict[str, object] = {"task": task, "subject": subject}
    match ending:
        case Done():
            cursor = connection.execute(_OVER, {**place, "state": "done", "tries": 0, "error": ""})
        case Later(wait_s, why):
            cursor = connection.execute(_LATER, {**place, "wait_s": wait_s, "error": why[:500]})
        case GivenUp(why):
            cursor = connection.execute(_OVER, {**place, "state": "failed", "tries": 1, "error": why[:500]})
    return cursor.rowcount == 1


def _word(ending: Ending) -> str:
    return {Done: "done", Later: "put_off", GivenUp: "given_up"}[type(ending)]
