"""What a webhook says. Ids only, unless the settings let it say more.

JSON object::

    {"id": same as Idempotency-Key, "event": "call.ended", "happened_at": ISO 8601 in UTC, "data": {…}}

``data`` of ``call.ended``: ``call_id``; of ``card.created``: ``card_id`` and ``call_id``; of ``callback.requested``: ``callback_id`` and
``call_id``. With ``webhooks.include_transcript`` also ``call`` and ``turns``; ``card``; ``number`` and ``queue``.
"""

from datetime import UTC, datetime
from typing import LiteralString

from agents.transcript import JsonValue
from handoff.tasks.job import Connection
from handoff.tasks.settings import WebhookEvent
from handoff.tasks.subjects import ended_call

_CALL: LiteralString = "SELECT number, caller, route, outcome, reason, started_at, ended_at FROM calls WHERE id = %s"
_TURNS: LiteralString = """
SELECT DISTINCT ON (number) number, who, heard AS text, started_ms, ended_ms FROM turns WHERE call_id = %s ORDER BY number, seq DESC
"""
_CARD: LiteralString = "SELECT call_id, body FROM cards WHERE id = %s"
_CALLBACK: LiteralString = "SELECT call_id, number, queue FROM callbacks WHERE id = %s::uuid"


def data_of(connection: Connection, event: WebhookEvent, subject: str, *, whole: bool) -> dict[str, JsonValue] | None:
    """None: what it is about has been purged. Raises JobFailed."""
    if event == "call.ended":
        return _call(connection, ended_call(subject)[0], whole)
    row = connection.execute(_CARD if event == "card.created" else _CALLBACK, (subject,)).fetchone()
    if row is None:
        return None
    if event == "card.created":
        card: dict[str, JsonValue] = {"card_id": subject, "call_id": row["call_id"]}
        return {**card, "card": row["body"]} if whole else card
    callback: dict[str, JsonValue] = {"callback_id": subject, "call_id": row["call_id"]}
    return {**callback, "number": row["number"], "queue": row["queue"]} if whole else callback


def _call(connection: Connection, call_id: str, whole: bool) -> dict[str, JsonValue] | None:
    row = connection.execute(_CALL, (call_id,)).fetchone()
    if row is None:
        return None
    data: dict[str, JsonValue] = {"call_id": call_id}
    if whole:
        data["call"] = {name: _iso(value) if isinstance(value, datetime) else value for name, value in row.items()}
        data["turns"] = [dict(turn) for turn in connection.execute(_TURNS, (call_id,))]
    return data


def body_of(key: str, event: str, happened_at: datetime, data: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {"id": key, "event": event, "happened_at": _iso(happened_at), "data": data}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
