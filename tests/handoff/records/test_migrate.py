import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from handoff.records.migrate import FOLDER, MigrationError, migrate, read_migrations
from handoff.records.server import EmbeddedServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def empty(server: EmbeddedServer) -> Iterator[str]:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty_test")
        yield server.url.replace("@/patchcord?", "@/empty_test?")
        connection.execute("DROP DATABASE empty_test WITH (FORCE)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "migrations")
    return tmp_path / "migrations"


NEXT = len(read_migrations()) + 1


def test_each_is_applied_once(empty: str) -> None:
    assert migrate(empty) == [migration.name for migration in read_migrations()]
    assert migrate(empty) == []


def test_twenty_demo_orders(database: str, query: Callable[..., list[tuple[object, ...]]]) -> None:
    rows = query("SELECT number, status FROM orders")
    assert len(rows) == 20
    assert {row[0] for row in rows} >= {"10482", "23571", "31415", "45678", "70236"}
    assert {row[1] for row in rows} == {"processing", "shipped", "delivered", "cancelled"}


def test_several_processes_at_once(empty: str) -> None:
    results: list[list[str]] = []
    threads = [threading.Thread(target=lambda: results.append(migrate(empty))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, results)) == [0, 0, 0, len(read_migrations())]


def test_changed_file_is_refused(empty: str, folder: Path) -> None:
    migrate(empty, folder)
    with (folder / "0002_notify.sql").open("a") as file:
        file.write("-- edited\n")
    with pytest.raises(MigrationError, match=r"0002_notify.sql was changed .* restore the file"):
        migrate(empty, folder)


def test_database_of_a_newer_version_is_refused(empty: str, folder: Path) -> None:
    (folder / f"{NEXT:04}_future.sql").write_text("CREATE TABLE future ();")
    migrate(empty, folder)
    with pytest.raises(MigrationError, match=rf"{NEXT:04}_future\.sql, which this version does not know"):
        migrate(empty)


def test_failing_one_is_undone_whole(empty: str, folder: Path) -> None:
    (folder / f"{NEXT:04}_bad.sql").write_text("CREATE TABLE half (); SELECT 1/0;")
    with pytest.raises(MigrationError, match=f"{NEXT:04}_bad.sql failed and was undone: division by zero"):
        migrate(empty, folder)
    with psycopg.connect(empty) as connection:
        assert connection.execute("SELECT to_regclass('half'), to_regclass('orders')").fetchone() == (None, "orders")
    (folder / f"{NEXT:04}_bad.sql").write_text("CREATE TABLE half ();")
    assert migrate(empty, folder) == [f"{NEXT:04}_bad.sql"]


@pytest.mark.parametrize(
    ("name", "message"),
    [(f"{NEXT + 1:04}_gap.sql", f"{NEXT:04} is expected"), ("4_short.sql", "4_short"), ("0003_zoo.sql", "0004 is expected")],
)
def test_misnamed_files(folder: Path, name: str, message: str) -> None:
    (folder / name).write_text("")
    with pytest.raises(MigrationError, match=f"{name}.*{message}" if name != "4_short.sql" else message):
        read_migrations(folder)


def test_database_away(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match=r"database\.url"):
        migrate(f"postgresql:///patchcord?host={tmp_path}")


def test_every_object_has_a_comment_before_it() -> None:
    for migration in read_migrations():
        lines = migration.sql.splitlines()
        for index, line in enumerate(lines):
            if line.startswith("CREATE "):
                assert lines[index - 1].startswith("--"), f"{migration.name}: {line}"
