"""Starts PostgreSQL, Asterisk, the workers and the processes beside them in order, keeps them alive, ends them in reverse."""

import asyncio
import json
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from ari_app.ami.client import AmiClient
from ari_app.pbx.managed import ManagedAsterisk
from ari_app.pbx.ports import Wanted, check_free
from ari_app.pbx.sip_options import answer_of, reachable
from ari_app.pbx.site import watch_word
from ari_app.service import maintenance
from ari_app.service.child import Child
from ari_app.service.crew import Crew
from ari_app.service.demo_shop import DemoShop
from ari_app.service.front.commands import command_app
from ari_app.service.front.page import FrontPage
from ari_app.service.http import serve, serve_at
from ari_app.service.layout import PROJECT, Layout, WorkerFiles
from ari_app.service.leftovers import end_leftovers
from ari_app.service.log_files import keep_small
from ari_app.service.maintenance import MaintenanceNotice
from ari_app.service.mind_config import app_of
from ari_app.service.restart import RestartPolicy
from ari_app.service.sip_keeping import SipKeeping
from ari_app.service.state import ServiceState, write_private, write_state
from ari_app.service.taking_calls import TakingCalls
from ari_app.service.worker import Worker, WorkerFailed
from ari_app.settings import Settings
from handoff.records.server import EmbeddedServer, ServerError

log = logging.getLogger(__name__)

POSTGRES_CHECK_S: Final = 0.25
DIALPLAN_KNOWS_S: Final = 3.0
"""How long a change of workers waits for Asterisk to be told. One that cannot be told asks the workers in turn, and they refuse."""

SPARE_AFTER_S: Final = 15.0
"""Behind what a mind process does beside its first calls: the sentences and the word lists."""

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) while something long goes on."""


class StartFailed(Exception):
    """A part did not come up; the message names it, its log and the remedy."""


def pages(settings: Settings) -> list[Wanted]:
    """The ports of our own pages: the instance's and the desk's."""
    status = Wanted("tcp", "127.0.0.1", settings.service.http_port, "status page", "service.http_port", "--status-port")
    desk = Wanted("tcp", settings.desk.bind, settings.desk.port, "desk", "desk.port", "--desk-port")
    agi = Wanted("tcp", "127.0.0.1", settings.agi.port, "FastAGI", "agi.port")
    return [status, *([desk] if settings.desk.enabled else []), *([agi] if settings.agi.enabled else [])]


def shared_config(
    settings: Settings, mind_config: Mapping[str, Any], database_url: str, tool_environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What all processes of an instance are told; the token opens the control of live calls."""
    return {
        **mind_config,
        "database_url": database_url,
        "settings": settings.model_dump(mode="json"),
        "tool_environment": dict(tool_environment or {}),
        "control_token": mind_config.get("control_token") or secrets.token_urlsafe(32),
    }


class Supervisor:
    """One instance. ``start()`` returns when calls are answered. ``mind_module`` may serve calls with other tools."""

    def __init__(
        self,
        layout: Layout,
        settings: Settings,
        asterisk: ManagedAsterisk,
        mind_config: dict[str, Any],
        mind_module: str = "ari_app.service.mind",
    ) -> None:
        self._layout = layout
        self._settings = settings
        self._asterisk = asterisk
        self._mind_config = mind_config
        self._mind_module = mind_module
        self._told: dict[str, Any] = {}
        self._postgres: EmbeddedServer | None = None
        self._ami = AmiClient(
            settings.asterisk.host, settings.asterisk.ami_port, mind_config["ami"]["user"], mind_config["ami"]["password"], events="off"
        )
        self._crew = Crew(self._make_worker, settings.service.drain_s, self._crew_changed, self._dialplan_knows)
        self._taking = TakingCalls(self._ami, self._crew.listed)
        self._notice = MaintenanceNotice(layout)
        self._resting = TakingCalls(self._ami, self._notice.value, maintenance.VARIABLE)
        self._sip = self._sip_keeping()
        self._front: FrontPage | None = None
        self._page: web.AppRunner | None = None
        self._commands: web.AppRunner | None = None
        self._shop: Child | None = None
        self._beside: dict[str, Child] = {}
        """Processes that no call waits for, by name: desk, tasks, agi."""
        self._watches: list[asyncio.Task[None]] = []

    async def start(self, progress: Progress) -> bool:
        """True when calls are answered; workers beyond the first follow. What had started by then is ended by ``stop()``, which the
        caller runs in any case.

        Raises StartFailed, PbxError, ServerError.
        """
        settings, layout = self._settings, self._layout
        await end_leftovers(layout)
        # All of them before anything starts: what is started in vain has to be ended again.
        check_free([*self._asterisk.wanted_ports(), *pages(settings)])
        url = settings.database.url
        if not url:
            progress("PostgreSQL", 0, 4)
            self._postgres = EmbeddedServer(layout.data / "postgres")
            url = self._postgres.start()  # on this thread: the server ends with the thread that started it
        progress("Asterisk", 1, 4)
        await self._asterisk.start()
        self._watch(self._keep_asterisk(), "asterisk-watch")
        self._watch(self._sip.run(), "sip-watch")
        self._watch(keep_small(self._layout.logs, self._asterisk.log_file, lambda: self._asterisk.rx("logger rotate")), "log-files")
        if self._postgres is not None:
            self._watch(self._keep_postgres(self._postgres), "postgres-watch")
        progress("media process", 2, 4)
        shop = DemoShop.of(settings, url) if settings.agents.demo.enabled else None
        self._told = shared_config(settings, self._mind_config, url, shop.users_environment if shop else None)
        write_private(layout.mind_file, json.dumps(self._told))
        await self._open_pages(self._told["control_token"])
        first = self._crew.enlist()
        await first.start_media()
        progress("worker", 3, 4)
        if shop is not None:
            self._shop = self._child("shop", shop.command(settings.service.log_level), shop.environment)
            await self._shop.start()
        try:
            await first.start()
        except WorkerFailed as error:
            raise StartFailed(str(error)) from error
        self._watch(self._ami.run(), "ami")
        self._watch(self._taking.run(), "taking-calls")
        self._watch(self._resting.run(), "maintenance")
        await self._start_beside()
        self._publish()
        self._watch(self._crew.watch(), "worker-watch")
        self._watch(self._crew.fill(settings.service.workers), "more-workers")
        progress("ready", 4, 4)
        return True

    async def _open_pages(self, token: str) -> None:
        self._front = front = FrontPage(self._crew.pages, token, self._crew.about, self._maintenance, self._sip.reasons)
        self._page = await serve(front.app, self._settings.service.http_port)
        self._commands = await serve_at(command_app(self._crew), self._layout.command_socket)

    def _maintenance(self) -> Mapping[str, Any]:
        """``on``, ``in_dialplan`` (what Asterisk was told), and while it is on ``reason`` and ``since``."""
        notice = self._notice.now()
        return {**(notice.told() if notice is not None else {}), "on": notice is not None, "in_dialplan": bool(self._resting.value)}

    async def _start_beside(self) -> None:
        """Behind the worker: whoever starts us waits for calls to be answered, and these work with what the worker has made."""
        settings = self._settings
        for name, wanted in (("desk", settings.desk.enabled), ("tasks", settings.tasks.enabled), ("agi", settings.agi.enabled)):
            if wanted:
                command = [sys.executable, "-m", f"ari_app.service.{name}", "--config", str(self._layout.mind_file)]
                self._beside[name] = child = self._child(name, command)
                await child.start()

    def _watch(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._watches.append(asyncio.create_task(work, name=name))

    def _child(
        self,
        name: str,
        command: Sequence[str],
        more: Mapping[str, str] | None = None,
        end_signal: signal.Signals = signal.SIGTERM,
        spare_after_s: float | None = None,
    ) -> Child:
        """``more``: environment that only this one has."""
        # numpy would share each small product among all cores, at nine times the processor time of one.
        environment = {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1", "OPENBLAS_NUM_THREADS": "1", **(more or {})}
        log_file = self._layout.logs / f"{name}.log"
        return Child(
            *(name, command, log_file),
            environment=environment,
            on_started=self._publish,
            end_signal=end_signal,
            spare_after_s=spare_after_s,
        )

    # Workers

    def _make_worker(self, number: int) -> Worker:
        files = self._layout.worker(number)
        told = {**self._told, "workers": max(self._settings.service.workers, len(self._crew.workers) + 1)}
        mind = [sys.executable, "-m", self._mind_module]
        return Worker(files, app_of(self._settings.asterisk.app, number), told, self._media_command(files), mind, self._worker_child)

    def _worker_child(
        self, name: str, command: Sequence[str], files: WorkerFiles, more: Mapping[str, str], end_signal: signal.Signals
    ) -> Child:
        service = self._settings.service
        # Where there are several workers the others take the new calls meanwhile.
        spare = name == "mind" and service.spare and service.workers == 1
        return self._child(files.process(name), command, more, end_signal, SPARE_AFTER_S if spare else None)

    def _media_command(self, files: WorkerFiles) -> list[str]:
        """All workers share the ports, each begins at another one: a worker may have all of them when it is alone."""
        media = self._settings.media
        share = (media.last_port - media.first_port + 1) // max(self._settings.service.workers + 1, 2)
        start = media.first_port + share * ((files.number - 1) % (self._settings.service.workers + 1))
        return [
            *(sys.executable, "-m", "ari_app.media"),
            *("--socket", str(files.media_socket), "--host", media.host),
            *("--first-port", str(media.first_port), "--last-port", str(media.last_port), "--start-port", str(start)),
            *("--jitter-ms", str(media.jitter_ms)),
            *("--libraries", str(self._mind_config["runtime_root"]), "--log-level", self._settings.service.log_level),
        ]

    def _crew_changed(self) -> None:
        self._publish()
        if self._front is not None:
            self._front.feed.workers_changed()

    async def _dialplan_knows(self) -> None:
        if not await self._taking.settled(DIALPLAN_KNOWS_S):
            log.warning("dialplan_not_told", extra={"waited_s": DIALPLAN_KNOWS_S})

    def processes(self) -> dict[str, int]:
        """Process ids by name of what runs now."""
        found = {"supervisor": os.getpid()}
        candidates = {
            "postgres": self._postgres.pid if self._postgres else None,
            "asterisk": self._asterisk.pid,
            **self._crew.pids(),
            "shop": self._shop.pid if self._shop else None,
            **{name: child.pid for name, child in self._beside.items()},
        }
        return found | {name: pid for name, pid in candidates.items() if pid}

    def _publish(self) -> None:
        settings = self._settings
        state = ServiceState(os.getpid(), settings.service.http_port, settings.sip.bind, settings.sip.port, self.processes())
        write_state(self._layout.state_file, state)

    def _sip_keeping(self) -> SipKeeping:
        settings, word = self._settings, watch_word(self._mind_config["ami"]["password"])
        own = settings.asterisk.source != "external"
        host, port = reachable(settings.sip.bind) if own else settings.asterisk.host, settings.sip.port
        return SipKeeping(
            lambda limit_s: answer_of(host, port, word, limit_s),
            lambda: self._asterisk.pid if own else 0,
            self._asterisk.kill if own else None,
            where=f"{host} port {port}",
        )

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

    async def stop(self) -> None:
        """End everything started here: the workers first, so that live calls are let go in good order."""
        for child in reversed(self._beside.values()):
            await child.stop()
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        if self._commands is not None:
            await self._commands.cleanup()
        await self._crew.stop()
        if self._shop is not None:
            await self._shop.stop()
        if self._front is not None:
            await self._front.feed.end()
        if self._page is not None:
            await self._page.cleanup()
        await self._asterisk.stop()
        if self._postgres is not None:
            self._postgres.stop()
        self._layout.state_file.unlink(missing_ok=True)
