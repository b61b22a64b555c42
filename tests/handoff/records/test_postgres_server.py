import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from handoff.records.postgres_user import NoUser, choose_user, connecting_user
from handoff.records.postmaster import running_postmaster
from handoff.records.server import EmbeddedServer, ServerError

pytestmark = pytest.mark.postgres

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped server's folder: copying it is quicker than making a cluster for each test."""
    folder = tmp_path_factory.mktemp("template") / "postgres"
    server = EmbeddedServer(folder)
    server.start()
    server.stop()
    return folder


@pytest.fixture
def folder(template: Path) -> Iterator[Path]:
    parent = Path(tempfile.mkdtemp(prefix="patchcord-pg-"))
    subprocess.run(["cp", "-a", str(template), str(parent / "postgres")], check=True)
    yield parent / "postgres"
    found = running_postmaster(parent / "postgres" / "cluster")
    if found is not None:
        os.kill(found.pid, signal.SIGQUIT)
        wait_gone(found.pid)
    shutil.rmtree(parent)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_gone(pid: int, limit_s: float = 10.0) -> None:
    until = time.monotonic() + limit_s
    while runs(pid):
        assert time.monotonic() < until, f"process {pid} still runs"
        time.sleep(0.02)


def sockets_of(pid: int, *tables: str) -> list[str]:
    """Lines of /proc/net/<table> for the sockets that a process holds open."""
    held = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir()}
    lines = [line.split() for table in tables for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]]
    return [" ".join(line) for line in lines if any(f"socket:[{column}]" in held for column in line)]


def ids_of(pid: int, name: str) -> list[int]:
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(f"{name}:")]
    return [int(value) for value in line.split()[1:]]


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def owner(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    helper = Path(__file__).with_name("server_owner.py")
    process = subprocess.Popen([sys.executable, str(helper), str(folder)], stdout=subprocess.PIPE, env={"PYTHONPATH": str(PROJECT)})
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_starts_answers_and_ends(folder: Path) -> None:
    server = EmbeddedServer(folder)
    url = server.start()
    assert url == server.url == server.start()
    pid = server.pid
    assert pid is not None
    assert server.alive()
    assert not server.adopted
    assert str(one(url, "SHOW server_version")).startswith("18")
    assert one(url, "SHOW timezone") == "UTC"
    server.stop()
    assert not server.alive()
    assert not runs(pid)
    server.stop()
    assert one(server.start(), "SELECT 1") == 1
    server.stop()


def test_listens_on_a_private_socket_only(folder: Path) -> None:
    server = EmbeddedServer(folder)
    assert one(server.start(), "SHOW listen_addresses") == ""
    assert server.pid is not None
    assert sockets_of(server.pid, "tcp", "tcp6", "udp", "udp6") == []
    (line,) = sockets_of(server.pid, "unix")
    assert line.endswith(str(folder / "socket" / ".s.PGSQL.5432"))
    for private in (folder, folder / "cluster", folder / "socket", folder / "log"):
        assert private.stat().st_mode & 0o777 == 0o700
    assert (folder / "socket" / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700
    assert (folder / "owner.lock").stat().st_mode & 0o777 == 0o600
    server.stop()


def test_other_roles_and_users_are_refused(folder: Path) -> None:
    server = EmbeddedServer(folder)
    url = server.start()
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba|does not exist"):
        psycopg.connect(url.replace("patchcord@", "postgres@"))
    assert (folder / "cluster" / "pg_hba.conf").read_text().split() == ["local", "all", "patchcord", "peer", "map=patchcord"]
    assert pwd.getpwuid(os.geteuid()).pw_name in (folder / "cluster" / "pg_ident.conf").read_text()
    server.stop()


def test_logs_hold_no_data(folder: Path) -> None:
    server = EmbeddedServer(folder)
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("CREATE TABLE t (words text CHECK (length(words) < 3))")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO t VALUES ('what a caller said')")
    server.stop()
    logged = "".join(path.read_text() for path in (folder / "log").iterdir())
    assert "violates check constraint" in logged
    assert "what a caller said" not in logged


def test_restarts_after_a_kill(folder: Path) -> None:
    server = EmbeddedServer(folder)
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE t AS SELECT 7 AS seven")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    wait_gone(server.pid)
    assert not server.alive()
    assert one(server.start(), "SELECT seven FROM t") == 7
    server.stop()


def test_ends_when_its_owner_is_killed(folder: Path) -> None:
    process, pid = owner(folder)
    process.kill()
    process.communicate()
    wait_gone(pid)
    server = EmbeddedServer(folder)
    assert one(server.start(), "SELECT 1") == 1
    server.stop()


def test_second_owner_is_refused_while_the_first_lives(folder: Path) -> None:
    first = EmbeddedServer(folder)
    first.start()
    with pytest.raises(ServerError, match="another Patchcord owns"):
        EmbeddedServer(folder).start(timeout_s=0.2)
    assert first.alive()
    first.stop()


def test_one_left_running_is_adopted_and_ended(folder: Path) -> None:
    first = EmbeddedServer(folder)
    first.start()
    pid = first.pid
    assert first._lock is not None
    os.close(first._lock)  # as if the owner had died and left its child
    second = EmbeddedServer(folder)
    assert one(second.start(), "SELECT 1") == 1
    assert second.adopted
    assert second.pid == pid
    second.stop()
    assert not first.alive()
    assert running_postmaster(folder / "cluster") is None


def test_foreign_process_id_in_the_pid_file_is_left_alone(folder: Path) -> None:
    innocent = subprocess.Popen(["sleep", "60"])
    (folder / "cluster" / "postmaster.pid").write_text(f"{innocent.pid}\n{folder}\n1\n5432\n{folder}/socket\n\n1 1\nready\n")
    assert running_postmaster(folder / "cluster") is None
    # PostgreSQL itself believes the file while that process lives and could be its own; whatever it does, the other one is untouched.
    server = EmbeddedServer(folder)
    try:
        server.start(timeout_s=5)
    except ServerError as error:
        assert "postmaster.pid" in str(error)
    server.stop()
    assert innocent.poll() is None
    innocent.kill()
    innocent.wait()


@pytest.mark.parametrize("text", ["", "x", "12", "99999999\n", "-1\n", "0\n"])
def test_broken_pid_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "postmaster.pid").write_text(text)
    assert running_postmaster(tmp_path) is None


def test_failed_initdb_leaves_nothing_that_looks_like_a_cluster(folder: Path) -> None:
    (folder / "cluster" / "PG_VERSION").unlink()
    (folder / "cluster").rename(folder / "cluster.new")
    server = EmbeddedServer(folder)
    assert one(server.start(), "SELECT 1") == 1
    server.stop()
    assert not (folder / "cluster.new").exists()


def test_cluster_of_another_version(folder: Path) -> None:
    (folder / "cluster" / "PG_VERSION").write_text("15\n")
    with pytest.raises(ServerError, match="was made by PostgreSQL 15"):
        EmbeddedServer(folder).start()


def test_damaged_cluster_names_its_logs(folder: Path) -> None:
    (folder / "cluster" / "global" / "pg_control").unlink()
    with pytest.raises(ServerError, match=r"did not become ready.*log"):
        EmbeddedServer(folder).start()


def test_long_path_puts_the_socket_elsewhere(template: Path) -> None:
    parent = Path(tempfile.mkdtemp(prefix="patchcord-pg-")) / ("deep" * 20) / ("deeper" * 10)
    parent.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(template), str(parent / "postgres")], check=True)
    server = EmbeddedServer(parent / "postgres")
    assert one(server.start(), "SELECT 1") == 1
    socket_folder = Path(str(one(server.url, "SHOW unix_socket_directories")))
    assert socket_folder.stat().st_mode & 0o777 == 0o700
    server.stop()
    socket_folder.rmdir()
    shutil.rmtree(parent.parents[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is lent by root only")
def test_root_lends_an_existing_user_and_changes_no_modes_above(folder: Path) -> None:
    folder.parent.chmod(0o700)
    users = {entry.pw_name for entry in pwd.getpwall()}
    server = EmbeddedServer(folder)
    server.start()
    assert server.pid is not None
    assert 0 not in ids_of(server.pid, "Uid")
    assert 0 not in ids_of(server.pid, "Gid")
    assert ids_of(server.pid, "Groups") == []
    server.stop()
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert {entry.pw_name for entry in pwd.getpwall()} == users


def test_user_is_stable_and_has_a_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = choose_user(folder, ())
    assert chosen.uid in (-1, folder.stat().st_uid)
    assert connecting_user() == pwd.getpwuid(os.geteuid()).pw_name
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(NoUser, match="54321"):
        connecting_user()
