"""Finds calls, and keeps searches by a number, so that what was looked for is in no address."""

import secrets
from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, LiteralString

from psycopg.types.json import Jsonb

from handoff.desk.access import Role, Session
from handoff.desk.calls.query import CallQuery, query_from, query_to_json
from handoff.desk.database import Database, Row

PAGE: Final = 50
PIECE: Final = 500
"""Calls fetched at once where all of them are wanted."""

# What a call must be like for each thing that can be asked for. Cards of version 1 have the intent as a text.
_CONDITIONS: Mapping[str, LiteralString] = {
    "text": "id IN (SELECT call_id FROM turns WHERE to_tsvector('simple', said) @@ websearch_to_tsquery('simple', %(text)s))",
    "number": """(strpos(regexp_replace(caller, '[^0-9]', '', 'g'), %(number)s) > 0
        OR strpos(regexp_replace(number, '[^0-9]', '', 'g'), %(number)s) > 0)""",
    "intent": """id IN (SELECT call_id FROM cards WHERE strpos(
        replace(lower(COALESCE(body->'intent'->>'code', body->>'intent', '')), '_', ' '), replace(lower(%(intent)s), '_', ' ')) > 0)""",
    "outcome": "outcome = %(outcome)s",
    "emotion": """(id IN (SELECT call_id FROM events WHERE kind = 'emotion' AND data->>'label' = %(emotion)s)
        OR id IN (SELECT call_id FROM cards WHERE jsonb_path_exists(body, '$.emotion[*] ? (@.label == $label)', %(labels)s)))""",
    "rule": """id IN (SELECT call_id FROM events WHERE kind = 'escalation_rule' AND CASE %(rule)s
        WHEN '*' THEN data->>'act' = 'escalate' AND data->>'shadow' IS DISTINCT FROM 'true'
        WHEN '*shadow' THEN data->>'shadow' = 'true'
        ELSE data->>'rule' = %(rule)s END)""",
    "first_day": "started_at >= %(first_day)s::date",
    "last_day": "started_at < %(last_day)s::date + 1",
    "agent": "(route = %(agent)s OR id IN (SELECT call_id FROM events WHERE data->>'member' = ANY(%(asked)s)))",
}

# The calls that somebody had as a member of a queue.
_OWN: LiteralString = "id IN (SELECT call_id FROM events WHERE data->>'member' = ANY(%(members)s))"

_LIST: LiteralString = """
SELECT id, started_at, ended_at, number, caller, route, outcome, reason,
    (SELECT count(*) FROM turns WHERE turns.call_id = calls.id) AS turns,
    (SELECT COALESCE(body->'intent'->>'code', body->>'intent', '') FROM cards WHERE cards.call_id = calls.id ORDER BY seq DESC LIMIT 1)
        AS intent
FROM calls
"""

_ORDER: LiteralString = " ORDER BY COALESCE(started_at, ended_at) DESC NULLS LAST, id"
_PAGED: LiteralString = " LIMIT %(limit)s OFFSET %(offset)s"

_EXISTS: LiteralString = "SELECT 1 AS yes FROM calls WHERE id = %(id)s"

# What there is to choose from.
_OUTCOMES: LiteralString = "SELECT DISTINCT outcome FROM calls WHERE outcome <> '' ORDER BY outcome LIMIT 50"

# Names of rules that held in some call: a jump over the index for each, however many calls there are.
_RULES: LiteralString = """
WITH RECURSIVE names (name) AS (
    (SELECT data->>'rule' FROM events WHERE kind = 'escalation_rule' AND data->>'rule' > '' ORDER BY data->>'rule' LIMIT 1)
    UNION ALL
    SELECT (SELECT data->>'rule' FROM events WHERE kind = 'escalation_rule' AND data->>'rule' > names.name ORDER BY data->>'rule' LIMIT 1)
    FROM names WHERE names.name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL LIMIT 100
"""

_PHONE: LiteralString = "SELECT phone FROM desk_users WHERE name = %s"

_KEEP: LiteralString = """
WITH old AS (DELETE FROM desk_searches WHERE made_at < now() - interval '1 day')
INSERT INTO desk_searches (id, user_name, query) VALUES (%s, %s, %s)
"""

_KEPT: LiteralString = "SELECT query FROM desk_searches WHERE id = %s AND user_name = %s"


@dataclass(frozen=True, slots=True)
class Found:
    calls: list[Row]
    more: bool
    """Whether there is a next page."""


class CallFinder:
    """Agents find their own calls only. Raises RecordsUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, session: Session, query: CallQuery, *, page: int = 1, size: int = PAGE) -> Found:
        """The newest first. ``page`` from 1."""
        where, values = await self._wanted(session, query)
        rows = await self._database.rows(
            _LIST + where + _ORDER + _PAGED, {**values, "limit": size + 1, "offset": (max(1, page) - 1) * size}
        )
        return Found(rows[:size], len(rows) > size)

    async def every(self, session: Session, query: CallQuery, *, size: int = PIECE) -> AsyncGenerator[list[Row], None]:
        """All that are found as they stand now, the newest first, ``size`` in memory at a time. To be closed (``aclosing``).

        The database sorts once and keeps the place; until the last is fetched that holds one of the desk's connections.
        """
        where, values = await self._wanted(session, query)
        async with self._database.connection() as connection, connection.transaction(), connection.cursor("every_call") as cursor:
            await cursor.execute(_LIST + where + _ORDER, values)
            while rows := await cursor.fetchmany(size):
                yield rows

    async def _wanted(self, session: Session, query: CallQuery) -> tuple[LiteralString, dict[str, Any]]:
        """The condition, and what is in it."""
        asked = {name: value for name, value in asdict(query).items() if value}
        conditions: list[LiteralString] = [_CONDITIONS[name] for name in asked]
        if session.role is Role.AGENT:
            conditions.append(_OWN)
        where: LiteralString = " WHERE " + " AND ".join(conditions) if conditions else ""
        values: dict[str, Any] = {**asked, **_members(session)}
        if query.emotion:
            values["labels"] = Jsonb({"label": query.emotion})
        if query.agent:
            values["asked"] = await self._asked(query.agent)
        return where, values

    async def may_see(self, session: Session, call_id: str) -> bool:
        """False also when there is no such call."""
        own: LiteralString = " AND " + _OWN if session.role is Role.AGENT else ""
        return await self._database.row(_EXISTS + own, {"id": call_id.replace("\0", ""), **_members(session)}) is not None

    async def outcomes(self) -> list[str]:
        return [row["outcome"] for row in await self._database.rows(_OUTCOMES)]

    async def rules(self) -> list[str]:
        return [row["name"] for row in await self._database.rows(_RULES)]

    async def keep(self, session: Session, query: CallQuery) -> str:
        """The number by which it is found again, for a day."""
        identity = secrets.token_urlsafe(9)
        await self._database.run(_KEEP, (identity, session.user, Jsonb(query_to_json(query))))
        return identity

    async def kept(self, session: Session, identity: str) -> CallQuery | None:
        """None when it is too old or somebody else's."""
        row = await self._database.row(_KEPT, (identity.replace("\0", ""), session.user))
        return None if row is None else query_from(row["query"])

    async def _asked(self, agent: str) -> list[str]:
        """A user of the desk, or a SIP account."""
        row = await self._database.row(_PHONE, (agent,))
        return members_of("", agent) if row is None else members_of(agent, row["phone"])


def members_of(user: str, phone: str) -> list[str]:
    """The names by which a person is a member of queues."""
    interfaces = [f"PJSIP/{phone}", f"PJSIP/{phone}-web", f"Local/{phone}@patchcord-members", f"Agent {phone}", phone] if phone else []
    return [*interfaces, *([user] if user else [])]


def _members(session: Session) -> dict[str, object]:
    return {"members": members_of(session.user, session.phone)}
