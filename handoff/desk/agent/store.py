"""What agents note after calls, the callbacks they work off, and the cards they may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from handoff.desk.database import Database, Row

# What an agent noted of a call; saved again, the new note holds.
_WRAP_UP: LiteralString = """
INSERT INTO agent_wrap_ups (call_id, agent, card_id, disposition, notes)
VALUES (%(call_id)s, %(agent)s, %(card_id)s, %(disposition)s, %(notes)s)
ON CONFLICT (call_id, agent) DO UPDATE SET
    card_id = EXCLUDED.card_id, disposition = EXCLUDED.disposition, notes = EXCLUDED.notes, saved_at = now()
"""

# Callers who wait to be called back, those whose time has come first. None as queues: of all queues. Put off by nobody: their place in the
# queue is kept until then, and they are called when it is their turn. Who asked in several calls stands there once, as they asked last.
_CALLBACKS: LiteralString = """
SELECT * FROM (
    SELECT DISTINCT ON (c.number, c.queue) c.id, c.call_id, c.number, c.queue, c.seq, w.agent,
        min(c.asked_at) OVER same AS asked_at, count(*) OVER same AS times, max(w.due_at) OVER same AS due_at,
        coalesce(sum(w.tries) OVER same, 0) AS tries, bool_or(coalesce(w.agent = '' AND w.due_at > now(), false)) OVER same AS held
    FROM callbacks c LEFT JOIN callback_work w ON w.callback_id = c.id
    WHERE w.done_at IS NULL AND (%(queues)s::text[] IS NULL OR c.queue = ANY(%(queues)s))
    WINDOW same AS (PARTITION BY c.number, c.queue)
    ORDER BY c.number, c.queue, c.asked_at DESC, c.seq DESC
) once ORDER BY coalesce(due_at, asked_at), seq LIMIT %(limit)s
"""

_CALLBACK: LiteralString = "SELECT id, call_id, queue FROM callbacks WHERE id = %s::uuid"

# Done, or put off, and with it what the same caller had asked for in other calls. Who was first has done it: it is not done twice.
_SAME: LiteralString = """
FROM callbacks c JOIN callbacks picked ON picked.id = %(id)s::uuid AND (c.number, c.queue) = (picked.number, picked.queue)
WHERE NOT EXISTS (SELECT 1 FROM callback_work w WHERE w.callback_id = picked.id AND w.done_at IS NOT NULL)
"""
_DONE: LiteralString = (
    """
INSERT INTO callback_work (callback_id, agent, done_at, tries) SELECT c.id, %(agent)s, now(), (c.id = picked.id)::int """
    + _SAME
    + """
ON CONFLICT (callback_id) DO UPDATE SET agent = EXCLUDED.agent, done_at = now(), tries = callback_work.tries + EXCLUDED.tries
WHERE callback_work.done_at IS NULL
"""
)

_LATER: LiteralString = (
    """
INSERT INTO callback_work (callback_id, agent, due_at, tries)
SELECT c.id, %(agent)s, now() + %(minutes)s * interval '1 minute', (c.id = picked.id)::int """
    + _SAME
    + """
ON CONFLICT (callback_id) DO UPDATE SET agent = EXCLUDED.agent, due_at = EXCLUDED.due_at, tries = callback_work.tries + EXCLUDED.tries
WHERE callback_work.done_at IS NULL
"""
)

_CARD: LiteralString = "SELECT body FROM cards WHERE id = %s"

# The newest card of a call.
_NEWEST_CARD: LiteralString = """
SELECT id, call_id, body->>'queue' AS queue, body->>'state' AS state FROM cards WHERE call_id = %s
ORDER BY created_at DESC LIMIT 1
"""

_CARD_HEAD: LiteralString = "SELECT id, call_id, body->>'queue' AS queue, body->>'state' AS state FROM cards WHERE id = %s"

# The newest cards of calls that are not over. None as queues: of all queues.
_OPEN_CARDS: LiteralString = """
SELECT c.id, c.call_id, c.created_at, c.body FROM cards c JOIN calls ON calls.id = c.call_id
WHERE calls.ended_at IS NULL AND c.created_at > now() - interval '2 hours'
  AND (%(queues)s::text[] IS NULL OR c.body->>'queue' = ANY(%(queues)s))
ORDER BY c.created_at DESC LIMIT %(limit)s
"""

# What was said and when, after what the card holds.
_TURNS: LiteralString = """
SELECT DISTINCT ON (number) number, who, said, heard, started_ms, interrupted FROM turns WHERE call_id = %s ORDER BY number, seq DESC
"""

_ENDED: LiteralString = "SELECT ended_at FROM calls WHERE id = %s"

DISPOSITIONS: Final = ("Resolved", "Follow-up needed", "Callback arranged", "Passed on", "Wrong number", "Caller left", "Other")
LONGEST_NOTE: Final = 4000


@dataclass(frozen=True, slots=True)
class WrapUp:
    call_id: str
    card_id: str
    agent: str
    """User name."""
    disposition: str
    notes: str


class AgentStore:
    """Raises RecordsUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def wrap_up(self, wrap_up: WrapUp) -> None:
        await self._database.run(
            _WRAP_UP,
            {
                "call_id": wrap_up.call_id,
                "card_id": wrap_up.card_id,
                "agent": wrap_up.agent,
                "disposition": wrap_up.disposition,
                "notes": wrap_up.notes,
            },
        )

    async def callbacks(self, queues: Sequence[str] | None, limit: int = 50) -> list[Row]:
        """``queues``: only of these; None: of all."""
        return await self._database.rows(_CALLBACKS, {"queues": None if queues is None else list(queues), "limit": limit})

    async def callback(self, callback_id: str) -> Row | None:
        return await self._database.row(_CALLBACK, (callback_id,))

    async def callback_done(self, callback_id: str, agent: str) -> bool:
        """False when somebody else had done it."""
        return await self._database.run(_DONE, {"id": callback_id, "agent": agent}) > 0

    async def callback_later(self, callback_id: str, agent: str, minutes: int) -> bool:
        """False when somebody has done it meanwhile."""
        return await self._database.run(_LATER, {"id": callback_id, "agent": agent, "minutes": minutes}) > 0

    async def card(self, card_id: str) -> Row | None:
        """The card's JSON, as ``card.schema.json`` has it."""
        row = await self._database.row(_CARD, (card_id,))
        return None if row is None else dict(row["body"])

    async def newest_card(self, call_id: str) -> Row | None:
        """``id``, ``call_id``, ``queue`` and ``state``."""
        return await self._database.row(_NEWEST_CARD, (call_id,))

    async def card_head(self, card_id: str) -> Row | None:
        """As ``newest_card``."""
        return await self._database.row(_CARD_HEAD, (card_id,))

    async def open_cards(self, queues: Sequence[str] | None, limit: int = 20) -> list[Row]:
        return await self._database.rows(_OPEN_CARDS, {"queues": None if queues is None else list(queues), "limit": limit})

    async def turns(self, call_id: str) -> list[Row]:
        return await self._database.rows(_TURNS, (call_id,))

    async def ended_at(self, call_id: str) -> datetime | None:
        """None while the call goes on, or is not known."""
        row = await self._database.row(_ENDED, (call_id,))
        return None if row is None else row["ended_at"]
