"""Sessions in the database: an id of 256 random bits in the browser, its SHA-256 here."""

import base64
import hashlib
import secrets
from datetime import timedelta
from typing import LiteralString

from handoff.desk.access import Role, Session
from handoff.desk.database import Database, Row
from handoff.desk.secret import DeskSecret

_BEGIN: LiteralString = "INSERT INTO desk_sessions (key, user_name) VALUES (%s, %s)"

# A session that holds, of a user who may log in.
_FIND: LiteralString = """
SELECT s.key, s.user_name, s.created_at, u.role, u.phone, s.seen_at < now() - interval '1 minute' AS stale
FROM desk_sessions s JOIN desk_users u ON u.name = s.user_name
WHERE s.key = %(key)s AND u.disabled_at IS NULL AND s.seen_at > now() - %(idle)s AND s.created_at > now() - %(absolute)s
"""

_TOUCH: LiteralString = "UPDATE desk_sessions SET seen_at = now() WHERE key = %s"

_END: LiteralString = "DELETE FROM desk_sessions WHERE key = %s"

# Those that hold no longer.
_PURGE: LiteralString = "DELETE FROM desk_sessions WHERE seen_at <= now() - %(idle)s OR created_at <= now() - %(absolute)s"


class SessionStore:
    """Raises RecordsUnavailable."""

    def __init__(self, database: Database, secret: DeskSecret, *, idle_s: float, absolute_s: float) -> None:
        self._database = database
        self._secret = secret
        self._limits = {"idle": timedelta(seconds=idle_s), "absolute": timedelta(seconds=absolute_s)}

    async def begin(self, user: str) -> str:
        """A new id, for the cookie; always a new one, so that nobody can make another use an id they know."""
        await self._database.run(_PURGE, self._limits)
        identity = secrets.token_urlsafe(32)
        await self._database.run(_BEGIN, (key_of(identity), user))
        return identity

    async def find(self, identity: str, *, touch: bool = True) -> Session | None:
        """The session of a cookie; with ``touch`` its idle time starts anew (written at most once a minute)."""
        return await self._by_key(key_of(identity), touch)

    async def holds(self, session: Session) -> bool:
        """Whether a session that was good still is: not ended, not expired, its user not disabled. Idle time goes on."""
        return await self._by_key(session.key, touch=False) is not None

    async def end(self, session: Session) -> None:
        await self._database.run(_END, (session.key,))

    async def _by_key(self, key: bytes, touch: bool) -> Session | None:
        row = await self._database.row(_FIND, {"key": key, **self._limits})
        if row is None:
            return None
        if touch and row["stale"]:
            await self._database.run(_TOUCH, (key,))
        return self._session(row)

    def _session(self, row: Row) -> Session:
        key = bytes(row["key"])
        return Session(key, csrf_token(self._secret, key), row["user_name"], Role(row["role"]), row["phone"], row["created_at"])


def key_of(identity: str) -> bytes:
    return hashlib.sha256(identity.encode("utf-8", "replace")).digest()


def csrf_token(secret: DeskSecret, key: bytes) -> str:
    """What forms of this session carry; it tells nothing of the session's id."""
    return base64.urlsafe_b64encode(secret.sign("csrf", key)).decode().rstrip("=")
