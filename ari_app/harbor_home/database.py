"""Harbor Home's data in PostgreSQL: a schema of its own, filled with a demo whose dates move with the calendar."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final, LiteralString, TypeAlias

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from handoff.records.migrate import MigrationError, migrate

log = logging.getLogger(__name__)

Connection: TypeAlias = psycopg.AsyncConnection[dict[str, Any]]

SCHEMA: Final = "harbor_home"
MIGRATIONS: Final = Path(__file__).parent / "migrations"
SEED: Final = Path(__file__).parent / "seed.sql"
_LOCK: Final = 7_728_110_036
"""Any fixed number: the advisory lock under which one process at a time fills the demo."""

# The day from which the demo's dates count.
_DAY: LiteralString = "SELECT day FROM demo"

# Dates of orders move on by the days that have passed.
_MOVE_ORDERS: LiteralString = """
UPDATE orders SET placed_on = placed_on + %(days)s, expected_on = expected_on + %(days)s, delivered_on = delivered_on + %(days)s
"""

# So do outages.
_MOVE_OUTAGES: LiteralString = """
UPDATE outages SET since = since + make_interval(days => %(days)s), expected_back = expected_back + make_interval(days => %(days)s)
"""

# The demo's own visits, latest first so that they do not meet each other; one in whose place a caller's visit stands stays.
_DEMO_VISITS: LiteralString = """
SELECT reference, technician, working_day(%(today)s, demo_day) + at::time AS at FROM appointments
WHERE demo_day IS NOT NULL AND NOT cancelled ORDER BY at DESC
"""
_MOVE_VISIT: LiteralString = """
UPDATE appointments SET at = %(at)s WHERE reference = %(reference)s
AND NOT EXISTS (SELECT FROM appointments AS other WHERE other.at = %(at)s AND other.technician = %(technician)s AND NOT other.cancelled)
"""

_SET_DAY: LiteralString = "UPDATE demo SET day = %(today)s"


class DatabaseAway(Exception):
    """PostgreSQL cannot be reached or does not answer in time."""


def own(url: str) -> str:
    """The same database, seen from Harbor Home's schema. No statement may hold a caller up."""
    return make_conninfo(url, options=f"-csearch_path={SCHEMA} -cstatement_timeout=1500 -clock_timeout=1000")


def prepare(url: str, today: date) -> None:
    """Make the schema, bring it to this version's shape, and fill it when it is empty. Blocks. Raises MigrationError."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        migrate(make_conninfo(url, options=f"-csearch_path={SCHEMA}"), MIGRATIONS)
        with psycopg.connect(make_conninfo(url, options=f"-csearch_path={SCHEMA}"), connect_timeout=10) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            if connection.execute(_DAY).fetchone() is None:
                connection.execute("SELECT set_config('harbor_home.today', %s, true)", (today.isoformat(),))
                connection.execute(SEED.read_bytes())
                log.info("demo_filled", extra={"day": today.isoformat()})
    except psycopg.Error as error:
        raise MigrationError(f"no schema {SCHEMA}: {error}. Check the address, and that its user may create schemas") from error


class Database:
    """Connections are made when needed, at most ``connections`` at once."""

    def __init__(self, url: str, *, connections: int = 8, timeout_s: float = 1.5) -> None:
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            own(url),
            min_size=0,
            max_size=connections,
            timeout=timeout_s,
            reconnect_timeout=timeout_s,
            open=False,
            check=AsyncConnectionPool.check_connection,
            kwargs={"row_factory": dict_row, "connect_timeout": 5, "application_name": SCHEMA},
        )
        self._day: date | None = None

    async def open(self) -> None:
        """The database need not be there yet."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self, today: date) -> AsyncIterator[Connection]:
        """Committed at the end, undone by any exception. Raises DatabaseAway."""
        try:
            async with self._pool.connection() as connection:
                if self._day != today:
                    await _align(connection, today)
                    self._day = today
                yield connection
        except (PoolTimeout, PoolClosed, psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.UndefinedTable) as error:
            raise DatabaseAway(type(error).__name__) from error

    async def reset(self, today: date) -> None:
        """The demo's first state again. Raises DatabaseAway."""
        async with self.transaction(today) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            await connection.execute("SELECT set_config('harbor_home.today', %s, true)", (today.isoformat(),))
            await connection.execute(SEED.read_bytes())


async def _align(connection: Connection, today: date) -> None:
    """An order that arrives in two days does so tomorrow as well: the demo of last month would sound broken."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        row = await (await connection.execute(_DAY)).fetchone()
        if row is None or row["day"] >= today:
            return
        days = {"days": (today - row["day"]).days, "today": today}
        await connection.execute(_MOVE_ORDERS, days)
        await connection.execute(_MOVE_OUTAGES, days)
        for visit in await (await connection.execute(_DEMO_VISITS, days)).fetchall():
            await connection.execute(_MOVE_VISIT, visit)
        await connection.execute(_SET_DAY, days)
        log.info("demo_moved_on", extra={"days": days["days"]})
