"""Dead letters: looked at, and sent once more."""

from typing import LiteralString

from handoff.tasks.job import Row
from handoff.tasks.outbox import connect

_LIST: LiteralString = """
SELECT d.id, d.event, d.subject, d.receiver, d.happened_at, d.tries, d.last_status, l.died_at, l.reason
FROM webhook_dead_letters l JOIN webhook_deliveries d ON d.id = l.delivery_id ORDER BY l.died_at, d.id LIMIT %s
"""

# With the tries of a new delivery.
_REVIVE: LiteralString = """
WITH gone AS (DELETE FROM webhook_dead_letters WHERE delivery_id = %(id)s OR %(id)s::text IS NULL RETURNING delivery_id)
UPDATE webhook_deliveries SET tries = 0 WHERE id IN (SELECT delivery_id FROM gone) RETURNING id
"""

_AGAIN: LiteralString = """
INSERT INTO task_runs (task, subject) SELECT 'deliver', unnest(%s::text[])
ON CONFLICT (task, subject) DO UPDATE SET state = 'waiting', due_at = now(), created_at = now(), starts = 0, tries = 0, error = '',
    finished_at = NULL
"""


def dead_letters(url: str, limit: int = 100) -> list[Row]:
    """The oldest first: id, event, subject, receiver, happened_at, tries, last_status, died_at, reason. Raises psycopg.Error."""
    with connect(url) as connection:
        return connection.execute(_LIST, (limit,)).fetchall()


def redeliver(url: str, delivery_id: str | None = None) -> int:
    """Have one dead letter sent again, or all; how many. Receivers know them by their Idempotency-Key. Raises psycopg.Error."""
    with connect(url) as connection, connection.transaction():
        revived = [row["id"] for row in connection.execute(_REVIVE, {"id": delivery_id})]
        connection.execute(_AGAIN, (revived,))
        return len(revived)
