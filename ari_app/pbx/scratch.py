"""Loads a copy of a configuration in an Asterisk of its own, which reaches nothing but loopback, and tells what it says to it."""

import asyncio
import contextlib
import os
import re
import secrets as random_secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dialplan import templates
from dialplan.checking.finding import Finding, Place
from dialplan.checking.jumps import calls
from dialplan.checking.surroundings import Surroundings, documented
from dialplan.checking.view import View
from dialplan.installing.errors import ControlError
from dialplan.installing.holding import Expected, differences, expected

from . import leash, scratch_log
from .ami_control import ami_control
from .config import write_all
from .errors import StartError
from .find import AsteriskInstall
from .layout import AsteriskPaths
from .modules import loadable
from .runtime import RuntimeRoot
from .scratch_files import ADMIN, ScratchPlace, harmless

_START_LIMIT_S = 30.0
_STOP_LIMIT_S = 5.0
_MOST_TRANSPORTS = 16
_NEVER = re.compile(
    r"registration|publish|odbc|pgsql|mysql|curl|ldap|shell|func_env|system|externalivr|agi|config_|realtime|dahdi|iax|sqlite|snmp|xmpp"
)
"""Modules that reach out of the machine or run programs."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a configuration."""

    findings: list[Finding]
    version: str


async def load(files: Mapping[str, str], install: AsteriskInstall, root: str = "") -> Loaded:
    """Load ``files`` (the whole configuration; ours in ``patchcord.d/``), end the Asterisk again and return what was found.

    ``root``: the folder that they were read from, for absolute includes.

    Raises:
        PbxError: no scratch Asterisk could be run, so nothing is known.
    """
    with tempfile.TemporaryDirectory(prefix="patchcord-scratch-") as folder:
        base = Path(folder)
        paths = AsteriskPaths(base, base / "run", install.module_dir)
        view = View(files, Surroundings(root=root, worker=None))
        place = ScratchPlace(
            paths.etc, root, paths.share / "moh", _free_ports(_MOST_TRANSPORTS), _free_ports(1)[0], random_secrets.token_urlsafe(18)
        )
        write(paths, files, install, place, _modules(view, install))
        async with _running(paths, install):
            found = await _asked(view, place, files)
        elsewhere = [name for name, context in view.dialplan.contexts.items() if context.switches]
        log = (paths.log / "full.log").read_text(encoding="utf-8", errors="replace")
        return Loaded(sorted({*found, *scratch_log.findings(log, files, paths.etc, elsewhere)}), install.version)


def write(paths: AsteriskPaths, files: Mapping[str, str], install: AsteriskInstall, place: ScratchPlace, modules: Iterable[str]) -> None:
    """Write the copy and what it needs around it."""
    made = {**_surrounding(paths, install), **harmless(files, place)}
    made["modules.conf"] = "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in modules)
    made["logger.conf"] = "[general]\n[logfiles]\nfull.log => warning,error\n"
    made["http.conf"] = f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = {_free_ports(1)[0]}\n"
    for name in made:
        (paths.etc / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_all(paths, made, install)


def _surrounding(paths: AsteriskPaths, install: AsteriskInstall) -> dict[str, str]:
    """Return empty or plain files of what every Asterisk looks for."""
    plain = {name: "[general]\n" for name in templates.names() if name not in ("asterisk.conf", "modules.conf", "logger.conf", "http.conf")}
    plain |= dict.fromkeys(("extensions.conf", "pjsip.conf", "acl.conf"), "")
    for name in (
        "indications.conf",
        "cdr.conf",
        "cel.conf",
        "pjproject.conf",
        "stasis.conf",
        "sorcery.conf",
        "extconfig.conf",
        "udptl.conf",
    ):
        plain[name] = templates.render(name)
    plain["asterisk.conf"] = templates.render("asterisk.conf", paths=paths, open_files=4096, restricts=False)
    plain["musiconhold.conf"] = f"[default]\nmode = files\ndirectory = {paths.share / 'moh'}\n"
    return plain


def _modules(view: View, install: AsteriskInstall) -> list[str]:
    """Return those that every instance of ours loads, and those that the applications and functions of this dialplan come with."""
    available = install.modules()
    wanted = [name for names in loadable(available).values() for name in names]
    applications = {name.lower(): modules for name, modules in documented().applications.items()}
    for step in view.dialplan.steps():
        wanted += [module for call in calls(step) for module in applications.get(call.application.lower(), ())]
        wanted += [module for name in re.findall(r"([A-Z][A-Z0-9_]+)\(", step.arguments) for module in documented().functions.get(name, ())]
    return [name for name in dict.fromkeys(wanted) if name in available and not _NEVER.search(name)]


def _free_ports(count: int) -> tuple[int, ...]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return tuple(int(probe.getsockname()[1]) for probe in probes)


@contextlib.asynccontextmanager
async def _running(paths: AsteriskPaths, install: AsteriskInstall) -> AsyncIterator[None]:
    command = [*install.command, "-C", str(paths.etc / "asterisk.conf")]
    with (paths.log / "console.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *command, "-f"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=RuntimeRoot.environment(),
            start_new_session=True,
        )
    try:
        await asyncio.wait_for(_booted(process, command), _START_LIMIT_S)
        yield
    except TimeoutError:
        raise StartError(
            f"The scratch Asterisk was not ready within {_START_LIMIT_S:g} s. Try again when the machine is less busy."
        ) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_LIMIT_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _booted(process: asyncio.subprocess.Process, command: list[str]) -> None:
    while True:
        if process.returncode is not None:
            raise StartError(
                f"The scratch Asterisk ended while it loaded the configuration (status {process.returncode}). "
                "'./patchcord dialplan check --no-scratch' shows what can be seen without it."
            )
        asking = await asyncio.create_subprocess_exec(
            *(*command, "-rx", "core waitfullybooted"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=RuntimeRoot.environment(),
        )
        said, _ = await asking.communicate()
        if asking.returncode == 0 and b"fully booted" in said:
            return
        await asyncio.sleep(0.1)


async def _asked(view: View, place: ScratchPlace, files: Mapping[str, str]) -> list[Finding]:
    """Compare what Asterisk holds with what is written."""
    wanted = expected(files, place.root)
    try:
        async with ami_control("127.0.0.1", place.ami_port, ADMIN, place.ami_secret) as control:
            wrong = await differences(control, wanted, Expected({}, frozenset(), frozenset()))
    except ControlError as error:
        raise StartError(f"The scratch Asterisk does not answer: {error}") from error
    return [
        Finding(_where(view, line), f"The scratch Asterisk differs: {line}", "Look at what else is found in that file.") for line in wrong
    ]


def _where(view: View, line: str) -> Place:
    words = line.replace(",", " ").replace(".", " ").split()
    for name, context in view.dialplan.contexts.items():
        if name in words:
            return context.at
    for held in ({**view.queues}, {**view.endpoints}):
        for name, section in held.items():
            if name in words:
                return section.at
    return Place("patchcord.d", 0)
