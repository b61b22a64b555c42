"""Published versions of agents in PostgreSQL, and which share of new calls each of them gets. Blocking: run it in a thread."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from handoff.records.store import RecordsUnavailable

WHOLE: Final = 100
"""Per cent."""

# All versions of an agent, newest first, with the share that each has now.
_LIST: LiteralString = """
SELECT version, published_at, digest, note, COALESCE(percent, 0) AS percent
FROM agent_versions LEFT JOIN agent_splits USING (agent, version) WHERE agent = %s ORDER BY version DESC
"""

# The files of one version.
_FILES: LiteralString = "SELECT files FROM agent_versions WHERE agent = %s AND version = %s"

# The newest version, locked so that two who publish at once get two numbers.
_NEWEST: LiteralString = "SELECT version, digest FROM agent_versions WHERE agent = %s ORDER BY version DESC LIMIT 1"

# One who publishes at a time, for each agent.
_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('patchcord agent'), hashtext(%s))"

# A new version.
_ADD: LiteralString = "INSERT INTO agent_versions (agent, version, files, digest, note) VALUES (%s, %s, %s, %s, %s)"

# Shares are replaced as a whole.
_CLEAR: LiteralString = "DELETE FROM agent_splits WHERE agent = %s"
_SHARE: LiteralString = "INSERT INTO agent_splits (agent, version, percent) VALUES (%s, %s, %s)"

# Every agent's shares.
_LIVE: LiteralString = "SELECT agent, version, percent FROM agent_splits ORDER BY agent, version"

Files = Mapping[str, str]
"""File name to text, the agent's own file first."""
Split = Mapping[int, int]
"""Version to per cent of new calls."""


class VersionError(Exception):
    """There is no such version, or the shares do not add up; the message says what would."""


@dataclass(frozen=True, slots=True)
class AgentVersion:
    version: int
    published_at: datetime
    """UTC."""
    digest: str
    note: str
    percent: int
    """Of new calls; 0: none."""


def digest_of(files: Files) -> str:
    """The same for the same files, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()


def version_for(call_id: str, split: Split) -> int:
    """The version that a call gets: always the same for the same id, and each version its share of many. ``split`` adds up to 100."""
    place = int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:4], "big") % WHOLE
    for version, percent in sorted(split.items()):
        place -= percent
        if place < 0:
            return version
    raise VersionError(f"the shares {dict(split)} do not add up to {WHOLE}")


class AgentVersions:
    """Raises RecordsUnavailable when the database cannot be reached."""

    def __init__(self, url: str) -> None:
        self._url = url

    def publish(self, agent: str, files: Files, note: str = "") -> int:
        """Keep ``files`` as a version and give it all new calls. The newest version is not kept a second time, nor its share touched.

        Returns the number of the version.
        """
        digest = digest_of(files)
        with self._connection() as connection:
            connection.execute(_LOCK, (agent,))
            newest = connection.execute(_NEWEST, (agent,)).fetchone()
            if newest is not None and newest["digest"] == digest:
                return int(newest["version"])
            version = 1 if newest is None else int(newest["version"]) + 1
            connection.execute(_ADD, (agent, version, Jsonb(dict(files)), digest, note))
            self._put_shares(connection, agent, {version: WHOLE})
            return version

    def versions(self, agent: str) -> Sequence[AgentVersion]:
        """Newest first; empty for an agent that was never published."""
        with self._connection() as connection:
            rows = connection.execute(_LIST, (agent,)).fetchall()
        return [
            AgentVersion(row["version"], row["published_at"].astimezone(UTC), row["digest"], row["note"], row["percent"]) for row in rows
        ]

    def files(self, agent: str, version: int) -> Files:
        """Raises VersionError."""
        with self._connection() as connection:
            row = connection.execute(_FILES, (agent, version)).fetchone()
        if row is None:
            raise VersionError(self._no_such(agent, version))
        files: Files = row["files"]
        return files

    def share(self, agent: str, split: Split) -> None:
        """Divide new calls among versions. Raises VersionError."""
        if not split or sum(split.values()) != WHOLE or not all(1 <= percent <= WHOLE for percent in split.values()):
            raise VersionError(f"the shares {dict(split)} must be whole numbers from 1 and add up to {WHOLE}")
        with self._connection() as connection:
            known = {row["version"] for row in connection.execute(_LIST, (agent,)).fetchall()}
            for version in split:
                if version not in known:
                    raise VersionError(self._no_such(agent, version, known))
            self._put_shares(connection, agent, split)

    def live(self) -> Mapping[str, Split]:
        """The shares of every agent that was published."""
        with self._connection() as connection:
            rows = connection.execute(_LIVE).fetchall()
        found: dict[str, dict[int, int]] = {}
        for row in rows:
            found.setdefault(row["agent"], {})[row["version"]] = row["percent"]
        return found

    def _put_shares(self, connection: "psycopg.Connection[dict[str, Any]]", agent: str, split: Split) -> None:
        connection.execute(_CLEAR, (agent,))
        for version, percent in split.items():
            connection.execute(_SHARE, (agent, version, percent))

    def _no_such(self, agent: str, version: int, known: set[int] | None = None) -> str:
        numbers = sorted(known) if known is not None else [entry.version for entry in self.versions(agent)]
        there = f"there are {', '.join(map(str, sorted(numbers)))}" if numbers else "it was never published"
        return f"the agent {agent} has no version {version}: {there}"

    @contextmanager
    def _connection(self) -> Iterator["psycopg.Connection[dict[str, Any]]"]:
        """One transaction."""
        try:
            with psycopg.connect(self._url, row_factory=dict_row, connect_timeout=5, application_name="patchcord-agents") as connection:
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise RecordsUnavailable(
                "the database with the versions of agents does not answer: start the service with ./patchcord up"
            ) from error
        except psycopg.errors.UndefinedTable as error:
            raise RecordsUnavailable("the database has no tables for agents yet: start the service once with ./patchcord up") from error
