"""How each kind of record goes into the database. Every statement may run twice and changes nothing the second time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg.types.json import Jsonb

from handoff.records.encoding import Record

CALL_STARTED: LiteralString = """
INSERT INTO calls (id, started_at, number, caller, route, channel)
VALUES (%(call_id)s, %(started_at)s, %(number)s, %(caller)s, %(route)s, %(channel)s)
ON CONFLICT (id) DO UPDATE SET
    started_at = EXCLUDED.started_at, number = EXCLUDED.number, caller = EXCLUDED.caller, route = EXCLUDED.route, channel = EXCLUDED.channel
WHERE calls.started_at IS NULL
"""

# ``at`` is given when the writer did not see the call start: then the database knows when that was.
_SINCE_START: LiteralString = """
COALESCE((SELECT round(extract(epoch FROM %(at)s::timestamptz - started_at) * 1000) FROM calls WHERE id = %(call_id)s), 0)
"""

TURN: LiteralString = (
    """
INSERT INTO turns (id, seq, call_id, number, who, said, heard, started_ms, ended_ms, via, interrupted, latency_ms)
SELECT %(id)s, %(seq)s, %(call_id)s, %(number)s, %(who)s, %(text)s, %(heard)s, %(started_ms)s + since.start, %(ended_ms)s + since.start,
    %(via)s, %(interrupted)s, %(latency_ms)s
FROM (SELECT """
    + _SINCE_START
    + """ AS start) AS since
ON CONFLICT (id) DO NOTHING
"""
)

EVENT: LiteralString = (
    """
INSERT INTO events (id, seq, call_id, kind, at_ms, data)
VALUES (%(id)s, %(seq)s, %(call_id)s, %(event)s, %(at_ms)s + """
    + _SINCE_START
    + """, %(data)s)
ON CONFLICT (id) DO NOTHING
"""
)

CARD: LiteralString = """
INSERT INTO cards (id, seq, call_id, created_at, updated_at, revision, body)
VALUES (%(card_id)s, %(seq)s, %(call_id)s, %(created_at)s, %(updated_at)s, %(revision)s, %(body)s)
ON CONFLICT (id) DO UPDATE SET seq = EXCLUDED.seq, updated_at = EXCLUDED.updated_at, revision = EXCLUDED.revision, body = EXCLUDED.body
WHERE cards.revision < EXCLUDED.revision
"""

CALLBACK: LiteralString = """
INSERT INTO callbacks (id, seq, call_id, asked_at, number, queue)
VALUES (%(id)s, %(seq)s, %(call_id)s, %(asked_at)s, %(number)s, %(queue)s)
ON CONFLICT (id) DO NOTHING
"""

# Nobody's name stands for one that was called by itself. A person who was first has done it. Who asked in several calls is called once.
CALLBACK_DONE: LiteralString = """
INSERT INTO callback_work (callback_id, agent, done_at, tries)
SELECT c.id, '', %(done_at)s::timestamptz, 1 FROM callbacks c
JOIN (SELECT number, queue FROM callbacks WHERE call_id = %(call_id)s ORDER BY seq DESC LIMIT 1) reached USING (number, queue)
WHERE c.asked_at <= %(done_at)s::timestamptz
ON CONFLICT (callback_id) DO UPDATE SET agent = EXCLUDED.agent, done_at = EXCLUDED.done_at, tries = callback_work.tries + 1
WHERE callback_work.done_at IS NULL
"""

CALLBACK_DUE: LiteralString = """
INSERT INTO callback_work (callback_id, agent, due_at)
SELECT id, '', %(due_at)s::timestamptz FROM callbacks WHERE call_id = %(call_id)s ORDER BY callbacks.seq DESC LIMIT 1
ON CONFLICT (callback_id) DO UPDATE SET due_at = EXCLUDED.due_at WHERE callback_work.done_at IS NULL
"""

CALL_ENDED: LiteralString = """
INSERT INTO calls (id, ended_at, outcome, reason, stats, ended_seq)
VALUES (%(call_id)s, %(ended_at)s, %(outcome)s, %(reason)s, %(stats)s, %(seq)s)
ON CONFLICT (id) DO UPDATE SET
    ended_at = EXCLUDED.ended_at, outcome = EXCLUDED.outcome, reason = EXCLUDED.reason, stats = EXCLUDED.stats,
    ended_seq = EXCLUDED.ended_seq
WHERE calls.ended_seq < EXCLUDED.ended_seq
"""


@dataclass(frozen=True, slots=True)
class _Kind:
    sql: LiteralString
    fields: tuple[str, ...]
    json_fields: tuple[str, ...] = ()
    since_then: Mapping[str, object] = field(default_factory=dict)
    """Fields that records of earlier versions, which may still wait in a journal, do not have; and what stands for them."""


_TURN_FIELDS = ("id", "seq", "call_id", "at", "number", "who", "text", "heard", "started_ms", "ended_ms", "via", "interrupted")

_KINDS = {
    "call_started": _Kind(CALL_STARTED, ("call_id", "started_at", "number", "caller", "route", "channel")),
    "turn": _Kind(TURN, _TURN_FIELDS, ("latency_ms",)),
    "event": _Kind(EVENT, ("id", "seq", "call_id", "at", "event", "at_ms"), ("data",)),
    "card": _Kind(CARD, ("card_id", "seq", "call_id", "created_at"), ("body",), {"updated_at": None, "revision": 1}),
    "callback": _Kind(CALLBACK, ("id", "seq", "call_id", "asked_at", "number", "queue")),
    "callback_due": _Kind(CALLBACK_DUE, ("call_id", "due_at")),
    "callback_done": _Kind(CALLBACK_DONE, ("call_id", "done_at")),
    "call_ended": _Kind(CALL_ENDED, ("call_id", "ended_at", "outcome", "reason", "seq"), ("stats",)),
}


class BadRecord(Exception):
    """The record itself cannot be stored, now or ever."""


def statement(record: Record) -> tuple[LiteralString, dict[str, Any]]:
    """Raises BadRecord for a kind or shape that this version does not know."""
    kind = _KINDS.get(str(record["kind"]))
    if kind is None:
        raise BadRecord(f"unknown kind {record['kind']!r}")
    try:
        parameters: dict[str, Any] = {name: record[name] for name in kind.fields}
        wrap: Callable[[object], object] = Jsonb
        parameters.update((name, record.get(name, value)) for name, value in kind.since_then.items())
        parameters.update((name, wrap(record[name])) for name in kind.json_fields)
    except KeyError as error:
        raise BadRecord(f"field {error} is missing") from error
    return kind.sql, parameters


def is_content_error(error: Exception) -> bool:
    """Whether the database refuses what is in the record (so trying again is useless), rather than its own circumstances.

    SQLSTATE classes 22 data exception, 23 integrity violation, 54 program limit exceeded. Without one, or with an error of Python's own,
    the driver could not encode it.
    """
    if isinstance(error, BadRecord | ValueError | TypeError):
        return True
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is not None:
        return error.sqlstate[:2] in ("22", "23", "54")
    return isinstance(error, psycopg.DataError | psycopg.ProgrammingError)
