"""Starts PostgreSQL, Asterisk, the media process and the mind process in order, keeps them alive, ends them in reverse."""

import asyncio
import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from ari_app.calls.reasons import NO_MEDIA
from ari_app.pbx.ports import Wanted, check_free
from ari_app.pbx.server import AsteriskServer
from ari_app.service.child import Child
from ari_app.service.hang_watch import HangWatch
from ari_app.service.layout import PROJECT, Layout
from ari_app.service.leftovers import end_leftovers
from ari_app.service.log_files import keep_small
from ari_app.service.query import ServiceUnreachable, get_json
from ari_app.service.restart import RestartPolicy
from ari_app.service.state import ServiceState, write_private, write_state
from ari_app.settings import Settings
from handoff.records.server import EmbeddedServer, ServerError

log = logging.getLogger(__name__)

POSTGRES_CHECK_S: Final = 0.25
HEALTH_CHECK_S: Final = 1.0
HUNG_S: Final = 8.0
"""Longer than the dead-man timer's usual 6 s: by then the callers are in the queue."""

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) while something long goes on."""


class StartFailed(Exception):
    """A part did not come up; the message names it, its log and the remedy."""


def status_port(settings: Settings) -> Wanted:
    """The port of the mind's page."""
    return Wanted("tcp", "127.0.0.1", settings.service.http_port, "status page", "service.http_port", "--status-port")


class Supervisor:
    """One instance. ``start()`` returns when calls are answered. ``mind_module`` may serve calls with other tools."""

    def __init__(
        self,
        layout: Layout,
        settings: Settings,
        asterisk: AsteriskServer,
        mind_config: dict[str, Any],
        mind_module: str = "ari_app.service.mind",
    ) -> None:
        self._layout = layout
        self._settings = settings
        self._asterisk = asterisk
        self._mind_config = mind_config
        self._mind_module = mind_module
        self._postgres: EmbeddedServer | None = None
        self._media: Child | None = None
        self._mind: Child | None = None
        self._watches: list[asyncio.Task[None]] = []

    async def start(self, progress: Progress) -> bool:
        """True when calls are answered. What had started by then is ended by ``stop()``, which the caller runs in any case.

        Raises StartFailed, PbxError, ServerError.
        """
        settings, layout = self._settings, self._layout
        await end_leftovers(layout)
        # All of them before anything starts: what is started in vain has to be ended again.
        check_free([*self._asterisk.wanted_ports(), status_port(settings)])
        url = settings.database.url
        if not url:
            progress("PostgreSQL", 0, 4)
            self._postgres = EmbeddedServer(layout.data / "postgres")
            url = self._postgres.start()  # on this thread: the server ends with the thread that started it
        progress("Asterisk", 1, 4)
        await self._asterisk.start()
        self._watches.append(asyncio.create_task(self._keep_asterisk(), name="asterisk-watch"))
        logs = keep_small(self._layout.logs, self._asterisk.log_file, lambda: self._asterisk.rx("logger rotate"))
        self._watches.append(asyncio.create_task(logs, name="log-files"))
        if self._postgres is not None:
            self._watches.append(asyncio.create_task(self._keep_postgres(self._postgres), name="postgres-watch"))
        progress("media process", 2, 4)
        write_private(layout.mind_file, json.dumps({**self._mind_config, "database_url": url, "settings": settings.model_dump()}))
        self._media = self._child("media", self._media_command())
        await self._media.start()
        progress("worker", 3, 4)
        self._mind = self._child("mind", [sys.executable, "-m", self._mind_module, "--config", str(layout.mind_file)])
        await self._mind.start()
        await self._until_ready()
        self._publish()
        self._watches.append(asyncio.create_task(self._watch_health(self._mind, self._media), name="health-watch"))
        progress("ready", 4, 4)
        return True

    def _child(self, name: str, command: list[str]) -> Child:
        environment = {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
        return Child(name, command, self._layout.logs / f"{name}.log", environment=environment, on_started=self._publish)

    def _media_command(self) -> list[str]:
        media = self._settings.media
        return [
            *(sys.executable, "-m", "ari_app.media"),
            *("--socket", str(self._layout.media_socket), "--host", media.host),
            *("--first-port", str(media.first_port), "--last-port", str(media.last_port), "--jitter-ms", str(media.jitter_ms)),
            *("--log-level", self._settings.service.log_level),
        ]

    async def _until_ready(self, limit_s: float = 45.0) -> None:
        until = time.monotonic() + limit_s
        reasons: object = "it does not answer"
        while time.monotonic() < until:
            try:
                answer = await get_json(self._settings.service.http_port, "/healthz", timeout_s=1.0)
            except ServiceUnreachable:
                await asyncio.sleep(0.1)
                if self._mind is not None and self._mind.restarts >= 3:
                    break
                continue
            if answer.get("ready"):
                return
            reasons = answer.get("reasons", reasons)
            await asyncio.sleep(0.1)
        raise StartFailed(f"the worker is not ready: {reasons}. Its log: {self._layout.logs / 'mind.log'}")

    def processes(self) -> dict[str, int]:
        """Process ids by name of what runs now."""
        found = {"supervisor": os.getpid()}
        candidates = {
            "postgres": self._postgres.pid if self._postgres else None,
            "asterisk": self._asterisk.pid,
            "media": self._media.pid if self._media else None,
            "mind": self._mind.pid if self._mind else None,
        }
        return found | {name: pid for name, pid in candidates.items() if pid}

    def _publish(self) -> None:
        settings = self._settings
        state = ServiceState(os.getpid(), settings.service.http_port, settings.sip.bind, settings.sip.port, self.processes())
        write_state(self._layout.state_file, state)

    async def _keep_asterisk(self) -> None:
        policy = RestartPolicy()
        while True:
            born = time.monotonic()
            code = await self._asterisk.exited()
            delay = policy.delay(lived_s=time.monotonic() - born)
            log.error("process_died", extra={"child": "asterisk", "exit_code": code, "restart_in_s": delay})
            await asyncio.sleep(delay)
            try:
                await self._asterisk.start()
                self._publish()
            except Exception:
                log.exception("asterisk_restart_failed")

    async def _keep_postgres(self, server: EmbeddedServer) -> None:
        policy = RestartPolicy()
        born = time.monotonic()
        while True:
            await asyncio.sleep(POSTGRES_CHECK_S)
            if server.alive():
                continue
            delay = policy.delay(lived_s=time.monotonic() - born)
            log.error("process_died", extra={"child": "postgres", "restart_in_s": delay})
            await asyncio.sleep(delay)
            born = time.monotonic()
            try:
                server.start()
                self._publish()
            except ServerError:
                log.exception("postgres_restart_failed")

    async def _watch_health(self, mind: Child, media: Child) -> None:
        """A process that hangs is not noticed as one that dies: kill it, so that it is started again."""
        hangs = {child.name: HangWatch(HUNG_S) for child in (mind, media)}
        while True:
            await asyncio.sleep(HEALTH_CHECK_S)
            reasons: list[str] | None = None
            with contextlib.suppress(ServiceUnreachable):
                reasons = list((await get_json(self._settings.service.http_port, "/healthz", timeout_s=HEALTH_CHECK_S)).get("reasons", []))
            well = {mind.name: reasons is not None, media.name: None if reasons is None else NO_MEDIA not in reasons}
            for child in (mind, media):
                if hangs[child.name].step(child.pid, well[child.name], time.monotonic()):
                    log.error("process_hangs", extra={"child": child.name, "child_pid": child.pid, "silent_s": HUNG_S})
                    child.kill()

    async def stop(self) -> None:
        """End everything started here: the mind first, so that live calls are let go in good order."""
        for child in (self._mind, self._media):
            if child is not None:
                await child.stop()
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        await self._asterisk.stop()
        if self._postgres is not None:
            self._postgres.stop()
        self._layout.state_file.unlink(missing_ok=True)
