"""The whole database as one file and back, by PostgreSQL's own pg_dump and pg_restore."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from handoff.records.server import programs

_LIMIT_S: Final = 3600.0
_VARIABLES: Final = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
"""The address goes by the environment: a command line can be read by every user of the machine."""


class DumpFailed(Exception):
    """The database could not be written out or read in; the message holds what PostgreSQL said."""


def dump(url: str, file: Path) -> None:
    """Write all of the database to ``file`` in pg_dump's custom format, as of one moment, beside running calls.

    Raises DumpFailed, also when the server is newer than the programs here (PostgreSQL 18).
    """
    _run("pg_dump", url, ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"], "written out")


def load(url: str, file: Path) -> None:
    """Fill an empty database from ``file``, all or nothing. Raises DumpFailed."""
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run("pg_restore", url, [*options, f"--dbname={conninfo_to_dict(url).get('dbname') or 'postgres'}", str(file)], "read in")


def holds_tables(url: str) -> bool:
    """Whether there is anything in the database. Raises DumpFailed when it does not answer."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchone()
    except psycopg.Error as error:
        raise DumpFailed(f"the database does not answer: {error}") from error
    return row is not None and row[0] > 0


def _run(program: str, url: str, arguments: list[str], done: str) -> None:
    try:
        ended = subprocess.run(
            [str(programs() / program), "--no-password", *arguments],
            env=_environment(url),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DumpFailed(f"the database could not be {done}: {program}: {error}") from error
    if ended.returncode != 0:
        raise DumpFailed(f"the database could not be {done}: {' '.join(ended.stderr.split()[:80])}")


def _environment(url: str) -> Mapping[str, str]:
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    known = {_VARIABLES[name]: value for name, value in given.items() if name in _VARIABLES}
    tls = {f"PG{name.upper()}": value for name, value in given.items() if name in ("sslmode", "sslrootcert", "sslcert", "sslkey")}
    return {**{name: value for name, value in os.environ.items() if not name.startswith("PG")}, **known, **tls}
