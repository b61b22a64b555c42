"""The desk process: the pages of ``handoff/desk`` over HTTP, with the queues and the live calls of this instance behind them.

``python -m ari_app.service.desk --config FILE``; the supervisor writes the file. It does nothing for calls: when it ends, only pages do.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from ari_app.ami.client import AmiClient
from ari_app.logs import configure
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.service.desk_agents import InstanceAgents
from ari_app.service.desk_links import desk_secret, link_base
from ari_app.service.desk_members import AmiMembers
from ari_app.service.desk_phones import InstancePhones
from ari_app.service.foul_requests import keep_foul_requests_short
from ari_app.service.layout import Layout
from ari_app.service.maintenance import MaintenanceNotice
from ari_app.settings import Settings
from handoff.desk.agent.line import PHONES
from handoff.desk.agent.members import MEMBERS
from handoff.desk.app import build_desk
from handoff.desk.control import HttpCallControl
from handoff.desk.database import Database
from handoff.desk.deps import DeskDeps, DeskSettings
from handoff.desk.knobs.agents_port import AGENTS
from handoff.desk.live import LiveHub
from handoff.desk.resting import resting_text
from handoff.queues import QueueBoard, QueueWatch
from handoff.records.reader import PostgresReader

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """What the supervisor hands over."""

    settings: Settings
    layout: Layout
    database_url: str
    ami: Mapping[str, str]
    control_token: str

    @classmethod
    def read(cls, path: Path) -> "DeskConfig":
        """Raises OSError, ValueError, KeyError: the file is the supervisor's own, a fault in it is a fault of ours."""
        tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            Settings.model_validate(tree["settings"]),
            Layout(Path(tree["data"])),
            tree["database_url"],
            tree["ami"],
            tree.get("control_token", ""),
        )


async def serve_desk(config: DeskConfig) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the port is taken, SecretUnusable."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    settings, desk = config.settings, config.settings.desk
    async with contextlib.AsyncExitStack() as stack:
        reader = PostgresReader(config.database_url)
        await reader.open()
        stack.push_async_callback(reader.close)
        secrets = load_or_create_secrets(config.layout.data, settings=settings)
        # A user of its own, which can neither set a variable nor move a call.
        user, password = secrets.desk_ami_user, secrets.desk_ami_password
        ami = AmiClient(settings.asterisk.host, settings.asterisk.ami_port, user, password, events="agent,user")
        control = HttpCallControl(f"http://127.0.0.1:{settings.service.http_port}", config.control_token) if config.control_token else None
        hub, board = LiveHub(), QueueBoard()
        watch = QueueWatch(ami, board, lambda: hub.publish("queues", "change", {}))
        maintenance = MaintenanceNotice(config.layout)
        deps = DeskDeps(
            Database(config.database_url),
            reader,
            desk_secret(config.layout),
            _desk_settings(settings),
            control=control,
            board=board,
            recordings=config.layout.recordings,
            hub=hub,
            resting=lambda: resting_text(notice.reason) if (notice := maintenance.now()) is not None else "",
        )
        app = build_desk(deps)
        app[PHONES] = InstancePhones(settings, secrets)
        app[MEMBERS] = AmiMembers(ami)
        app[AGENTS] = InstanceAgents(settings, config.layout)
        await stack.enter_async_context(_background(ami.run(), "ami"))
        await stack.enter_async_context(_background(watch.run(), "queues"))
        if control is not None:
            stack.push_async_callback(control.close)
            await stack.enter_async_context(_background(control.run(), "control"))
        keep_foul_requests_short()
        # The log of requests would hold addresses of people and ids of calls.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, desk.bind, desk.port).start()
        log.info("desk_ready", extra={"bind": desk.bind, "port": desk.port})
        await ended.wait()


def _desk_settings(settings: Settings) -> DeskSettings:
    desk = settings.desk
    return DeskSettings(
        title=desk.title,
        public_url=desk.public_url,
        link_base=link_base(settings),
        cookie_secure=desk.behind_tls,
        trusted_proxies=frozenset(desk.trusted_proxies),
    )


@contextlib.asynccontextmanager
async def _background(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_tell)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _tell(task: asyncio.Task[None]) -> None:
    """The pages go on without it; the log says what is missing from them."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("desk_part_failed", extra={"part": task.get_name()}, exc_info=error)


def main() -> None:
    parser = argparse.ArgumentParser(description="The desk process; started by the supervisor.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    config = DeskConfig.read(parser.parse_args().config)
    configure("desk", config.settings.service.log_level)
    asyncio.run(serve_desk(config))


if __name__ == "__main__":
    main()
