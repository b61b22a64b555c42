"""A RabbitMQ of a test's own, run where it was unpacked: all that it writes lies in one folder, and only this machine reaches it.

Its scripts and Erlang's know only the places of installed packages, so the emulator is called as they would call it.
"""

import os
import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ari_app.pbx.runtime import RuntimeRoot
from tests.e2e.tools import rabbitmq
from tests.free_ports import free_port
from tests.handoff.tasks.broker_checks import running

_NODE = "patchcord-test@localhost"


@contextmanager
def own_rabbitmq(folder: Path) -> Iterator[str]:
    """Its address, name and password included. Raises PackageError."""
    root = rabbitmq()
    port, names, nodes, password = free_port(), free_port(), free_port(), secrets.token_urlsafe(12)
    config = folder / "etc/rabbitmq/rabbitmq.conf"
    config.parent.mkdir(parents=True)
    config.write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\ndefault_user = patchcord\ndefault_pass = {password}\n")
    erlang = _only(root.path, "usr/lib/erlang/erts-*/bin")
    home = _only(root.path, "usr/lib/rabbitmq/lib/rabbitmq_server-*")
    environment = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "TMPDIR"}},
        "LANG": "C.UTF-8",
        "HOME": str(folder),  # the cookie is made there
        "BINDIR": str(_programs(root, erlang, folder)),
        "ERL_LIBS": str(home / "plugins"),
        "ERL_CRASH_DUMP": str(folder / "crash"),
        "ERL_MAX_PORTS": "65536",  # else as many as files may be open, with memory for each
        "SYS_PREFIX": str(folder),  # before /etc, /var/lib, /var/log
        "RABBITMQ_HOME": str(home),
        "RABBITMQ_NODENAME": _NODE,
        "RABBITMQ_DIST_PORT": str(nodes),
        "RABBITMQ_LOGS": "-",
    }
    # Nobody else asks who runs here, but it does not start without having been entered.
    book = root.command(str((erlang / "epmd").relative_to(root.path)), "-address", "127.0.0.1", "-port", str(names))
    with running(book, names, folder, environment), running(_emulator(root, erlang, folder, names), port, folder, environment):
        yield f"amqp://patchcord:{password}@127.0.0.1:{port}//"


def _emulator(root: RuntimeRoot, erlang: Path, folder: Path, names: int) -> list[str]:
    place = erlang.parents[1]
    return [
        *root.command(str((erlang / "beam.smp").relative_to(root.path)), "-S", "2:2", "-sbwt", "none", "--"),
        *("-root", str(place), "-bindir", str(folder / "bin"), "-progname", "erl", "--", "-home", str(folder), "--"),
        *("-noshell", "-noinput", "-boot", str(place / "bin/start_sasl"), "-s", "rabbit", "boot"),
        *("-start_epmd", "false", "-epmd_port", str(names), "-kernel", "inet_dist_use_interface", "{127,0,0,1}"),
        *("-kernel", "prevent_overlapping_partitions", "false", "-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false"),
    ]


def _programs(root: RuntimeRoot, erlang: Path, folder: Path) -> Path:
    """A folder with what the emulator starts itself, which needs the libraries of the packages too."""
    programs = folder / "bin"
    programs.mkdir()
    for name in ("erl_child_setup", "inet_gethost"):
        _script(programs / name, f'exec {shlex.join(root.command(str((erlang / name).relative_to(root.path))))} "$@"')
    _script(programs / "erl", "exit 0")  # called only so that a list of nodes is started, which runs already
    return programs


def _script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o700)


def _only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found
