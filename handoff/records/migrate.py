"""Brings the database to the shape that this version needs: ordered SQL files, each applied once, in a transaction of its own."""

import hashlib
import logging
import re
from dataclasses import dataclass
from pathlib import Path

import psycopg

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "migrations"
_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_LOCK = 7_728_110_035
"""Any fixed number: the advisory lock under which one process at a time migrates."""

_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class MigrationError(Exception):
    """The database cannot be brought to this version's shape; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path = FOLDER) -> list[Migration]:
    """All migrations in order. Raises MigrationError for a stray file or a gap in the numbers."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.match(path.name)
        if match is None:
            raise MigrationError(f"{path}: the name of a migration is like 0004_subject.sql")
        found.append(Migration(int(match[1]), path.name, path.read_text(encoding="utf-8")))
    for expected, migration in enumerate(found, start=1):
        if migration.number != expected:
            raise MigrationError(f"{folder / migration.name}: number {expected:04} is expected here; numbers have no gaps and no doubles")
    return found


def migrate(url: str, folder: Path = FOLDER) -> list[str]:
    """Apply what is missing and return its names. Blocks; safe to run from several processes at once. Raises MigrationError."""
    wanted = read_migrations(folder)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            connection.execute(_TABLE)
            return _apply(connection, wanted)
    except psycopg.Error as error:
        raise MigrationError(
            f"the database refused a migration: {error}. Check database.url and that its user may create tables"
        ) from error


def _apply(connection: psycopg.Connection, wanted: list[Migration]) -> list[str]:
    rows = connection.execute("SELECT number, name, checksum FROM migrations ORDER BY number").fetchall()
    applied = {int(number): (str(name), str(checksum)) for number, name, checksum in rows}
    _refuse_changed(applied, wanted)
    done = []
    for migration in wanted:
        if migration.number in applied:
            continue
        _apply_one(connection, migration)
        log.info("migration_applied", extra={"migration": migration.name})
        done.append(migration.name)
    return done


def _apply_one(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        with connection.transaction():
            connection.execute(migration.sql.encode())
            connection.execute(
                "INSERT INTO migrations (number, name, checksum) VALUES (%s, %s, %s)",
                (migration.number, migration.name, migration.checksum),
            )
    except psycopg.Error as error:
        raise MigrationError(f"{migration.name} failed and was undone: {error}") from error


def _refuse_changed(applied: dict[int, tuple[str, str]], wanted: list[Migration]) -> None:
    known = {migration.number: migration for migration in wanted}
    for number, (name, checksum) in applied.items():
        if number not in known:
            raise MigrationError(f"the database has migration {name}, which this version does not know: run the newer version of Patchcord")
        if known[number].checksum != checksum:
            raise MigrationError(
                f"{known[number].name} was changed after this database applied it: restore the file, put the change into a new one"
            )
