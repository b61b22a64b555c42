"""Who did what to which call, and when: rows that cannot be changed, each sealed together with the one before."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString

from psycopg.types.json import Jsonb

from handoff.desk.database import Database, Row
from handoff.desk.secret import DeskSecret

_LOCK: Final = 7_728_110_036
"""Any fixed number: rows are sealed one after the other, whoever writes them."""
_PAGE: Final = 1000
_FIRST_SEAL: Final = b"\0" * 32

_LAST: LiteralString = "SELECT seq, seal FROM desk_audit ORDER BY seq DESC LIMIT 1"

_APPEND: LiteralString = """
INSERT INTO desk_audit (seq, at, actor, role, action, call_id, address, detail, seal)
VALUES (%(seq)s, %(at)s, %(actor)s, %(role)s, %(action)s, %(call_id)s, %(address)s, %(detail)s, %(seal)s)
"""

# In order, from a place on.
_NEXT: LiteralString = "SELECT * FROM desk_audit WHERE seq > %s ORDER BY seq LIMIT %s"

# The newest, narrowed down.
_LIST: LiteralString = """
SELECT seq, at, actor, role, action, call_id, address, detail FROM desk_audit
WHERE (%(actor)s = '' OR actor = %(actor)s) AND (%(action)s = '' OR action = %(action)s) AND (%(call_id)s = '' OR call_id = %(call_id)s)
  AND (%(before)s::bigint IS NULL OR seq < %(before)s)
ORDER BY seq DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """``broken_at`` is the number of the first row that is missing, changed or out of place; None: the chain is whole."""

    rows: int
    broken_at: int | None
    head: str
    """Seal of the last row, in hex. Kept elsewhere, it also shows later whether rows were cut off at the end."""


class AuditLog:
    """Raises RecordsUnavailable: what cannot be written down must not be done."""

    def __init__(self, database: Database, secret: DeskSecret) -> None:
        self._database = database
        self._secret = secret

    async def append(
        self,
        at: datetime,
        actor: str,
        role: str,
        action: str,
        *,
        call_id: str = "",
        address: str = "",
        detail: Mapping[str, str | int | bool] | None = None,
    ) -> int:
        """The row's number. ``detail`` must not hold what people said: the audit is kept longer than transcripts.

        It holds no floats either: PostgreSQL may give them back written differently, and the seal would not hold.
        """
        row: Row = {
            "at": at.replace(microsecond=at.microsecond // 1000 * 1000),
            "actor": actor,
            "role": role,
            "action": action,
            "call_id": call_id,
            "address": address,
            "detail": dict(detail or {}),
        }
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            last = await (await connection.execute(_LAST)).fetchone()
            row["seq"] = 1 if last is None else last["seq"] + 1
            row["seal"] = self._seal(_FIRST_SEAL if last is None else bytes(last["seal"]), row)
            await connection.execute(_APPEND, {**row, "detail": Jsonb(row["detail"])})
        return int(row["seq"])

    async def verify(self) -> Verified:
        """Go through the whole chain."""
        seal, seq = _FIRST_SEAL, 0
        while True:
            rows = await self._database.rows(_NEXT, (seq, _PAGE))
            for row in rows:
                if row["seq"] != seq + 1 or not hmac.compare_digest(bytes(row["seal"]), self._seal(seal, row)):
                    return Verified(seq, seq + 1, seal.hex())
                seal, seq = bytes(row["seal"]), row["seq"]
            if len(rows) < _PAGE:
                return Verified(seq, None, seal.hex())

    async def entries(
        self, *, actor: str = "", action: str = "", call_id: str = "", before: int | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """The newest first; ``before`` a row's number for the next page."""
        return await self._database.rows(_LIST, {"actor": actor, "action": action, "call_id": call_id, "before": before, "limit": limit})

    def _seal(self, previous: bytes, row: Row) -> bytes:
        """Keyed: who can write to the database but has not the desk's secret cannot make a chain that holds."""
        body = [row["seq"], round(row["at"].timestamp() * 1000), *(row[name] for name in ("actor", "role", "action", "call_id", "address"))]
        text = json.dumps([*body, row["detail"]], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return self._secret.sign("audit", previous + text.encode())
