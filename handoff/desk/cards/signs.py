"""The events of a call from which its mood and the rules that held are told."""

from typing import LiteralString

from handoff.desk.database import Database, Row

# In the order in which they happened.
_SIGNS: LiteralString = """
SELECT kind, at_ms, data FROM events WHERE call_id = %s AND kind IN ('emotion', 'escalation_rule') ORDER BY seq
"""


async def signs_of(database: Database, call_id: str) -> list[Row]:
    """Raises RecordsUnavailable."""
    return await database.rows(_SIGNS, (call_id.replace("\0", ""),))
