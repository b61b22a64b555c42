"""Webhooks: each receiver is told of each event at least once, in a request that is signed and has the same key whenever it comes again.

A request is a POST with the JSON of ``webhook_body.py`` and these headers::

    Patchcord-Event: call.ended, card.created or callback.requested
    Idempotency-Key: 64 hexadecimal digits, the same for one event and one receiver however often it is sent
    Patchcord-Timestamp: seconds since 1970, of this sending
    Patchcord-Signature: v1=<hexadecimal HMAC-SHA256>

Signature and check are those of ``agents/tools/webhook_signature.py``: receivers check both kinds of requests in the same way. Any answer
of 200 to 299 is a delivery; anything else, also a redirect, is tried again.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import LiteralString, TypeAlias, cast, get_args

from agents.transcript import JsonValue
from handoff.tasks.job import Connection, Done, Ending, GivenUp, Job, Later
from handoff.tasks.outbox import add_job
from handoff.tasks.settings import ReceiverSettings, WebhookEvent, WebhookSettings
from handoff.tasks.subjects import event_of
from handoff.tasks.webhook_body import body_of, data_of
from handoff.tasks.webhook_policy import Answer, wait_s
from handoff.tasks.webhook_sending import send

log = logging.getLogger(__name__)

Send: TypeAlias = Callable[[ReceiverSettings, str, str, Mapping[str, JsonValue], float], Answer]

_ADD: LiteralString = """
INSERT INTO webhook_deliveries (id, event, subject, receiver, happened_at)
VALUES (%(id)s, %(event)s, %(subject)s, %(receiver)s, %(happened_at)s) ON CONFLICT (id) DO NOTHING
"""

_DELIVERY: LiteralString = "SELECT * FROM webhook_deliveries WHERE id = %s AND delivered_at IS NULL FOR UPDATE"

_TRIED: LiteralString = """
UPDATE webhook_deliveries SET tries = tries + 1, last_status = %(status)s, delivered_at = CASE WHEN %(delivered)s THEN now() END
WHERE id = %(id)s
"""

_DEAD: LiteralString = """
INSERT INTO webhook_dead_letters (delivery_id, reason) VALUES (%s, %s)
ON CONFLICT (delivery_id) DO UPDATE SET died_at = now(), reason = EXCLUDED.reason
"""

# Where nobody answered, the others for that receiver need not be tried before this one is.
_POSTPONE: LiteralString = """
UPDATE task_runs SET state = 'waiting', due_at = now() + %(wait_s)s * interval '1 second'
WHERE (task, subject) IN (
    SELECT task, subject FROM task_runs
    WHERE task = 'deliver' AND subject <> %(id)s AND state IN ('waiting', 'handed') AND due_at < now() + %(wait_s)s * interval '1 second'
      AND subject IN (SELECT id FROM webhook_deliveries WHERE receiver = %(receiver)s AND delivered_at IS NULL)
    FOR UPDATE SKIP LOCKED)
"""


class Webhooks:
    """Two handlers: ``announce`` finds who is to be told, ``deliver`` tells one of them."""

    def __init__(self, settings: WebhookSettings, send: Send = send) -> None:
        self._settings = settings
        self._send = send

    def announce(self, job: Job, connection: Connection) -> Ending:
        event, subject = event_of(job.subject)
        if event not in get_args(WebhookEvent):
            return GivenUp("no such event")
        for name, receiver in self._settings.receivers.items():
            if event in receiver.events:
                key = delivery_id(name, job.subject)
                delivery = {"id": key, "event": event, "subject": subject, "receiver": name, "happened_at": job.created_at}
                connection.execute(_ADD, delivery)
                add_job(connection, "deliver", key)
        return Done()

    def deliver(self, job: Job, connection: Connection) -> Ending:
        row = connection.execute(_DELIVERY, (job.subject,)).fetchone()
        if row is None:
            return Done()
        receiver = self._settings.receivers.get(row["receiver"])
        if receiver is None:
            return self._dead(connection, row["id"], "the settings have no such receiver any more")
        event = cast(WebhookEvent, row["event"])
        data = data_of(connection, event, row["subject"], whole=self._settings.include_transcript)
        if data is None:
            return self._dead(connection, row["id"], "what it told of has been removed")
        answer = self._send(receiver, row["id"], event, body_of(row["id"], event, row["happened_at"], data), self._settings.timeout_s)
        connection.execute(_TRIED, {"id": row["id"], "status": answer.status, "delivered": answer.delivered})
        if answer.delivered:
            return Done()
        age_s = (datetime.now(UTC) - job.created_at).total_seconds()
        pause = wait_s(self._settings, row["tries"] + 1, age_s)
        if pause is None:
            return self._dead(connection, row["id"], f"{answer.why}, {row['tries'] + 1} tries")
        if answer.status is None:
            connection.execute(_POSTPONE, {"id": row["id"], "receiver": row["receiver"], "wait_s": pause})
        return Later(pause, answer.why)

    @staticmethod
    def _dead(connection: Connection, key: str, reason: str) -> Ending:
        connection.execute(_DEAD, (key, reason))
        return GivenUp(reason)


def delivery_id(receiver: str, event_subject: str) -> str:
    """64 hexadecimal digits, the same for one event and one receiver."""
    return hashlib.sha256(f"{receiver} {event_subject}".encode()).hexdigest()
