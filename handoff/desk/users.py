"""The people who may log in."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

import psycopg

from handoff.desk.access import Role
from handoff.desk.database import Database, Row

_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{0,31}")
_PHONE: Final = re.compile(r"[A-Za-z0-9_.-]{0,40}")

# One user by name.
_FIND: LiteralString = "SELECT name, role, phone, password_hash, created_at, disabled_at FROM desk_users WHERE name = %s"

# Everybody, those who may still log in first.
_LIST: LiteralString = """
SELECT name, role, phone, password_hash, created_at, disabled_at FROM desk_users ORDER BY disabled_at IS NOT NULL, name
"""

_ADD: LiteralString = "INSERT INTO desk_users (name, role, phone, password_hash) VALUES (%s, %s, %s, %s)"

# A new password ends every session: whoever knew the old one is out.
_CHANGE: LiteralString = """
WITH ended AS (DELETE FROM desk_sessions WHERE user_name = %(name)s)
UPDATE desk_users SET password_hash = %(hash)s, password_at = now() WHERE name = %(name)s
"""

# The same password under newer parameters; nobody is logged out.
_REHASH: LiteralString = "UPDATE desk_users SET password_hash = %s WHERE name = %s AND password_hash = %s"

# Out at once.
_DISABLE: LiteralString = """
WITH ended AS (DELETE FROM desk_sessions WHERE user_name = %(name)s)
UPDATE desk_users SET disabled_at = COALESCE(disabled_at, now()) WHERE name = %(name)s
"""

_ENABLE: LiteralString = "UPDATE desk_users SET disabled_at = NULL WHERE name = %s"


class UserRefused(ValueError):
    """A name or role that cannot be; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: Role
    phone: str
    """SIP account, such as ``2001``; empty: none."""
    password_hash: str
    created_at: datetime
    disabled_at: datetime | None

    @property
    def enabled(self) -> bool:
        return self.disabled_at is None


class UserStore:
    """Raises RecordsUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, name: str) -> User | None:
        """Names are in small letters; any other way of writing finds the same user."""
        if not _NAME.fullmatch(name.strip().lower()):
            return None
        row = await self._database.row(_FIND, (name.strip().lower(),))
        return None if row is None else _user(row)

    async def all(self) -> list[User]:
        return [_user(row) for row in await self._database.rows(_LIST)]

    async def add(self, name: str, role: Role, password_hash: str, phone: str = "") -> None:
        """Raises UserRefused."""
        check_name(name)
        if not _PHONE.fullmatch(phone):
            raise UserRefused(f"'{phone}' cannot be the name of a SIP account: letters, digits, dots and hyphens, such as 2001.")
        try:
            await self._database.run(_ADD, (name, role.value, phone, password_hash))
        except psycopg.errors.UniqueViolation as error:
            raise UserRefused(f"There is a user '{name}' already: choose another name, or set a new password for that one.") from error

    async def set_password(self, name: str, password_hash: str) -> None:
        """Raises UserRefused."""
        _one(await self._database.run(_CHANGE, {"name": name, "hash": password_hash}), name)

    async def rehash(self, user: User, password_hash: str) -> None:
        await self._database.run(_REHASH, (password_hash, user.name, user.password_hash))

    async def disable(self, name: str) -> None:
        """Raises UserRefused."""
        _one(await self._database.run(_DISABLE, {"name": name}), name)

    async def enable(self, name: str) -> None:
        """Raises UserRefused."""
        _one(await self._database.run(_ENABLE, (name,)), name)


def check_name(name: str) -> None:
    """Raises UserRefused."""
    if not _NAME.fullmatch(name):
        raise UserRefused(f"'{name}' cannot be a user's name: small letters, digits, dots and hyphens, a letter first, at most 32.")


def _one(changed: int, name: str) -> None:
    if changed == 0:
        raise UserRefused(f"There is no user '{name}': ./patchcord desk user list shows all.")


def _user(row: Row) -> User:
    return User(row["name"], Role(row["role"]), row["phone"], row["password_hash"], row["created_at"], row["disabled_at"])
