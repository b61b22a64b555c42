"""Runs one Asterisk: writes its configuration, starts it, asks how it is, stops it."""

import asyncio
import base64
import contextlib
import logging
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from ari_app.settings import Settings
from dialplan.generated import Site
from dialplan.trunks import Trunks

from . import leash
from .config import render_all, write_all
from .errors import InstallError, StartError
from .find import AsteriskInstall
from .layout import AsteriskPaths, paths_for
from .modules import lacking
from .ports import Wanted, check_free
from .realtime import prefer
from .runtime import RuntimeRoot
from .secret_store import Secrets
from .site import trunks_of

log = logging.getLogger(__name__)

_START_LIMIT_S = 20.0
_POLL_S = 0.05
_COMMAND_LIMIT_S = 10.0
_UPTIME = re.compile(r"System uptime: (\d+)")


@dataclass(frozen=True, slots=True)
class Health:
    """How a running Asterisk is."""

    version: str
    uptime_s: int
    missing_modules: tuple[str, ...]
    """Modules that are needed and did not load."""


class AsteriskServer:
    """One Asterisk with its files below ``data_dir/asterisk``; may be started again after it has ended.

    As an async context manager it starts on entry and stops on exit.
    """

    def __init__(self, install: AsteriskInstall, data_dir: Path, settings: Settings, secrets: Secrets, *, site: Site | None = None) -> None:
        self.install = install
        self.settings = settings
        self.secrets = secrets
        self.paths: AsteriskPaths = paths_for(data_dir, install.module_dir)
        self._site = site
        self._written = False
        self._trunks: Trunks | None = site.plan.trunks if site is not None else None
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        """Return the process id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    @property
    def ari_url(self) -> str:
        """Return the address below which ARI lies, e.g. ``http://127.0.0.1:8088/ari``."""
        return f"http://127.0.0.1:{self.settings.asterisk.http_port}/ari"

    @property
    def log_file(self) -> Path:
        """Return the file with Asterisk's notices, warnings and errors."""
        return self.paths.log / "full.log"

    async def start(self) -> None:
        """Write the configuration the first time, start, and wait until calls and ARI are served.

        Raises:
            ConfigError: the configuration cannot be rendered or written.
            PortInUseError: another program holds a port.
            InstallError: modules are missing from the install.
            StartError: it ended, or was not ready within 20 s.
        """
        if self.pid is not None:
            raise StartError(f"This Asterisk runs already (process {self.pid}). Stop it first.")
        if absent := lacking(self.install.modules()):
            raise InstallError(
                f"Asterisk in {self.install.module_dir} lacks the modules {', '.join(absent)}. Set asterisk.source to 'packages'."
            )
        # One that fell comes back with what was in force, applied or rolled back meanwhile; somebody may be at work on routes.yaml.
        files = {} if self._written else render_all(self.install, self.paths, self.settings, self.secrets, self._site)
        write_all(self.paths, files, self.install)
        self._written = True
        check_free(self.wanted_ports())
        self._process = await self._spawn()
        try:
            await asyncio.wait_for(self._ready(self._process), _START_LIMIT_S)
        except TimeoutError:
            await self.stop()
            raise StartError(f"Asterisk was not ready within {_START_LIMIT_S:g} s. {self._last_words()}") from None
        except BaseException:
            await self.stop()
            raise
        realtime = self.settings.asterisk.realtime and prefer(self._process.pid)
        about = {"version": self.install.version, "asterisk_pid": self.pid, "sip_port": self.settings.sip.port, "realtime": realtime}
        log.info("asterisk_ready", extra=about)

    def wanted_ports(self) -> list[Wanted]:
        """Return every port that it listens on; RTP apart, where it takes what is free of its range."""
        sip, asterisk = self.settings.sip, self.settings.asterisk
        return [
            *self._wanted_by_trunks(),
            Wanted("udp", sip.bind, sip.port, "SIP", "sip.port", "--sip-port"),
            Wanted("tcp", sip.bind, sip.port, "SIP", "sip.port", "--sip-port"),
            Wanted("tcp", "127.0.0.1", asterisk.http_port, "Asterisk's HTTP server", "asterisk.http_port", "--http-port"),
            Wanted("tcp", "127.0.0.1", asterisk.ami_port, "Asterisk's manager interface", "asterisk.ami_port", "--ami-port"),
        ]

    def _wanted_by_trunks(self) -> list[Wanted]:
        """Calls of encrypted trunks come in by a port of their own."""
        self._trunks = trunks = self._trunks or trunks_of(self.settings, self.paths.base.parent)
        if trunks.tls is None or not trunks.encrypted():
            return []
        return [Wanted("tcp", trunks.tls.bind, trunks.tls.port, "SIP over TLS of the trunks", "tls.port in trunks.yaml")]

    def _command(self, *arguments: str) -> list[str]:
        return [*self.install.command, "-C", str(self.paths.etc / "asterisk.conf"), *arguments]

    async def _spawn(self) -> asyncio.subprocess.Process:
        with (self.paths.log / "console.log").open("wb") as output:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", leash.__file__, str(os.getpid())),
                *self._command("-f"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=RuntimeRoot.environment(),
                start_new_session=True,  # Ctrl-C in the terminal is the supervisor's to pass on
            )

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        credentials = base64.b64encode(f"{self.secrets.ari_user}:{self.secrets.ari_password}".encode()).decode()
        async with aiohttp.ClientSession(headers={"Authorization": f"Basic {credentials}"}) as session:
            while True:
                if process.returncode is not None:
                    raise StartError(f"Asterisk ended while starting (status {process.returncode}). {self._last_words()}")
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self.ari_url}/asterisk/info") as response:
                        if response.status == 200:
                            break
                await asyncio.sleep(_POLL_S)
        await self.rx("core waitfullybooted")

    def _last_words(self) -> str:
        for path in (self.log_file, self.paths.log / "console.log"):
            with contextlib.suppress(OSError):
                lines = [line for line in path.read_text(errors="replace").splitlines() if "ERROR" in line or path.name == "console.log"]
                if lines:
                    return f"It said: {lines[-1].strip()} (all of it is in {path})"
        return f"It left no message in {self.paths.log}."

    async def rx(self, command: str) -> str:
        """Run a command of Asterisk's console and return what it prints.

        Raises:
            StartError: Asterisk does not run or did not answer within 10 s.
        """
        process = await asyncio.create_subprocess_exec(
            *self._command("-rx", command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=RuntimeRoot.environment(),
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), _COMMAND_LIMIT_S)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if isinstance(error, TimeoutError):
                raise StartError(f"Asterisk did not answer '{command}' within {_COMMAND_LIMIT_S:g} s. Restart it.") from None
            raise
        text = said.decode(errors="replace")
        if process.returncode != 0:
            raise StartError(f"Asterisk does not take commands: {text.strip()[:200]}. See {self.log_file}.")
        return text

    async def health(self) -> Health:
        """Return version, uptime and missing modules.

        Raises:
            StartError: Asterisk does not run or does not answer.
        """
        uptime = _UPTIME.search(await self.rx("core show uptime seconds"))
        shown = (line.split() for line in (await self.rx("module show")).splitlines())
        loaded = frozenset(
            fields[0].removesuffix(".so") for fields in shown if fields and fields[0].endswith(".so") and "Running" in fields
        )
        return Health(self.install.version, int(uptime[1]) if uptime else 0, tuple(lacking(loaded)))

    async def exited(self) -> int:
        """Wait until it ends and return its status; at once when it does not run."""
        return await self._process.wait() if self._process is not None else 0

    def kill(self) -> None:
        """End it at once: it hangs. Calls on the line are lost."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def stop(self, *, calls_s: float = 1.0, patience_s: float = 5.0) -> None:
        """End it: new calls are refused and live ones may end for ``calls_s``, then SIGTERM, and SIGKILL after ``patience_s``."""
        process = self._process
        if process is not None and process.returncode is None:
            # With calls on the line the command returns only when they are over; a server that hangs or is ending need not answer it.
            with contextlib.suppress(StartError, TimeoutError):
                await asyncio.wait_for(self.rx("core stop gracefully"), calls_s)
            if not await _ended(process, calls_s):
                process.terminate()
                if not await _ended(process, patience_s):
                    log.warning("asterisk_killed", extra={"waited_s": patience_s, "asterisk_pid": process.pid})
                    process.kill()
                    await process.wait()
        if self.paths.run.parent != self.paths.base:
            shutil.rmtree(self.paths.run, ignore_errors=True)


async def _ended(process: asyncio.subprocess.Process, limit_s: float) -> bool:
    try:
        await asyncio.wait_for(process.wait(), limit_s)
    except TimeoutError:
        return False
    return True
