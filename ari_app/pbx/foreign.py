"""An Asterisk that is somebody else's: looked at, used, never started, changed or stopped."""

import asyncio
import logging
import time
from pathlib import Path
from typing import Any, Final

import aiohttp

from ari_app.ami.link import AmiLink
from ari_app.ami.port import AmiUnavailable
from ari_app.settings import Settings

from .errors import StartError
from .foreign_checks import APPLY, CONTEXTS, Seen, faults, media_fault
from .ports import Wanted
from .secret_store import Secrets

log = logging.getLogger(__name__)

CHECK_S: Final = 2.0
"""Between looks whether it is still there."""
_ASK_S: Final = 5.0
_NOBODY: Final = "patchcord-nobody"
"""Id of no channel: who may not hang it up may not write at all."""


class ForeignAsterisk:
    """The shape of ``AsteriskServer``, for one at ``asterisk.host`` that has its own life."""

    def __init__(self, settings: Settings, secrets: Secrets, data_dir: Path, *, check_s: float = CHECK_S) -> None:
        self.settings = settings
        self.secrets = secrets
        self._data = data_dir
        self._check_s = check_s
        self._version = ""

    @property
    def pid(self) -> int | None:
        """None: its process is not ours."""
        return None

    @property
    def version(self) -> str:
        """As it told when last asked; empty before."""
        return self._version

    @property
    def ari_url(self) -> str:
        """Return the address below which ARI lies, e.g. ``http://192.0.2.10:8088/ari``."""
        return f"http://{self.settings.asterisk.url_host}:{self.settings.asterisk.http_port}/ari"

    @property
    def log_file(self) -> Path:
        """Return a file that is never there: its log is not ours to keep small."""
        return self._data / "asterisk" / "log" / "full.log"

    @property
    def _where(self) -> str:
        return f"the Asterisk at {self.settings.asterisk.host}"

    def wanted_ports(self) -> list[Wanted]:
        """Return none: what it listens on is open already."""
        return []

    async def start(self) -> None:
        """Return when it has all that calls need.

        Raises:
            StartError: it is not there, refuses us, or lacks something; every fault is named with its remedy.
        """
        found = [text for text in (media_fault(self.settings),) if text]
        found += faults(await self.look(), self.settings)
        if found:
            raise StartError(f"T{self._where[1:]} cannot be used yet:" + "".join(f"\n  - {fault}" for fault in found))
        log.info("asterisk_found", extra={"version": self._version, "host": self.settings.asterisk.host})

    async def look(self) -> Seen:
        """Ask it for everything that matters.

        Raises:
            StartError: ARI or AMI does not answer, or refuses our passwords.
        """
        version, modules, may_write = await self._ask_ari()
        self._version = version
        link = AmiLink(lambda _: None)
        asterisk = self.settings.asterisk
        try:
            await link.open(asterisk.host, asterisk.ami_port, self.secrets.ami_user, self.secrets.ami_password, "off", _ASK_S)
            return await self._ask_ami(link, version, modules, may_write)
        except AmiUnavailable as error:
            raise StartError(
                f"The manager interface of {self._where} cannot be used: {error}. It needs enabled = yes and port = {asterisk.ami_port} "
                f'in manager.conf, and the line #tryinclude "patchcord.d/manager.conf". {APPLY} Then in its console: manager reload.'
            ) from error
        finally:
            link.abort()

    async def _ask_ari(self) -> tuple[str, frozenset[str], bool]:
        try:
            async with self._session() as session:
                info = await self._get(session, "/asterisk/info")
                modules = await self._get(session, "/asterisk/modules")
                async with session.delete(f"{self.ari_url}/channels/{_NOBODY}") as answer:
                    may_write = answer.status != 403
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise StartError(
                f"ARI of {self._where}, port {self.settings.asterisk.http_port}, does not answer ({error or type(error).__name__}). "
                "Is it running? It needs enabled = yes and a bindaddr in http.conf and enabled = yes in ari.conf; "
                "'http show status' in its console tells."
            ) from error
        running = frozenset(str(each["name"]).removesuffix(".so") for each in modules if each.get("status") == "Running")
        return str(info.get("system", {}).get("version", "")), running, may_write

    def _session(self) -> aiohttp.ClientSession:
        authorization = aiohttp.encode_basic_auth(self.secrets.ari_user, self.secrets.ari_password)
        return aiohttp.ClientSession(headers={"Authorization": authorization}, timeout=aiohttp.ClientTimeout(total=_ASK_S))

    async def _get(self, session: aiohttp.ClientSession, path: str) -> Any:
        async with session.get(f"{self.ari_url}{path}") as answer:
            if answer.status in (401, 403):
                raise StartError(
                    f"ARI of {self._where} refuses the user '{self.secrets.ari_user}'. {APPLY} Its ari.conf must have the line "
                    '#tryinclude "patchcord.d/ari.conf"; then in its console: module reload res_ari.so.'
                )
            if answer.status != 200:
                raise StartError(
                    f"The HTTP server of {self._where}, port {self.settings.asterisk.http_port}, has no ARI "
                    f"(status {answer.status} for {path}). Set enabled = yes in ari.conf, load the modules res_ari.so and "
                    "res_ari_asterisk.so, and take a prefix out of http.conf."
                )
            return await answer.json()

    async def _ask_ami(self, link: AmiLink, version: str, modules: frozenset[str], may_write: bool) -> Seen:
        queue = self.settings.calls.queue
        commands = (await link.send({"Action": "ListCommands"}, timeout_s=_ASK_S))[0]
        answers = await link.send({"Action": "QueueStatus", "Queue": queue}, timeout_s=_ASK_S, as_list=True)
        return Seen(
            version,
            modules,
            may_write,
            contexts={name: await _exists(link, name) for name in CONTEXTS},
            enters=await _exists(link, "patchcord-agent,s,1"),
            queue=any(each.get("Event") == "QueueParams" for each in answers),
            actions=frozenset(commands),
        )

    async def rx(self, command: str) -> str:
        """Refuse: its console is not ours.

        Raises:
            StartError: always.
        """
        raise StartError(f"'{command}' was not run: the console of {self._where} is yours. Run it there: asterisk -rx '{command}'.")

    async def exited(self) -> int:
        """Never return; tell the log when it goes away, comes back, and what it lacks then. The workers find it by themselves."""
        away_since: float | None = None
        while True:
            await asyncio.sleep(self._check_s)
            here = await self._is_there()
            now = time.monotonic()
            if not here and away_since is None:
                away_since = now
                log.error("asterisk_away", extra={"host": self.settings.asterisk.host})
            elif here and away_since is not None:
                log.warning("asterisk_back", extra={"host": self.settings.asterisk.host, "away_s": round(now - away_since, 1)})
                away_since = None
                await self._tell_faults()

    async def _is_there(self) -> bool:
        try:
            async with self._session() as session, session.get(f"{self.ari_url}/asterisk/ping") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _tell_faults(self) -> None:
        try:
            found = faults(await self.look(), self.settings)
        except StartError as error:
            found = [str(error)]
        for fault in found:
            log.error("asterisk_not_as_needed", extra={"host": self.settings.asterisk.host, "error": fault})

    def kill(self) -> None:
        """Leave it alone: its process is not ours."""

    async def stop(self) -> None:
        """Leave it as it is: calls that come now go where its dialplan sends them."""


async def _exists(link: AmiLink, place: str) -> bool:
    """``place``: ``context`` or ``context,extension,priority``."""
    answer = (await link.send({"Action": "Getvar", "Variable": f"DIALPLAN_EXISTS({place})"}, timeout_s=_ASK_S))[0]
    return answer.get("Value") == "1"
