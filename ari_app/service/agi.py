"""The FastAGI process: routes, cards and queues of this instance for dialplans that ask (``dialplan/agi``).

``python -m ari_app.service.agi --config FILE``; the supervisor writes the file. It does nothing for calls: without it a dialplan that asks
gets no answer and goes on.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ari_app.ami.client import AmiClient
from ari_app.logs import configure
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.pbx.site import routes_file, routes_of
from ari_app.service.layout import Layout
from ari_app.settings import Settings
from dialplan.agi import AgiServer, Estimate, Hooks, Unavailable
from dialplan.errors import DialplanError
from dialplan.routes import Routes
from handoff.queues import QueueBoard, QueueWatch
from handoff.records.reader import PostgresReader
from handoff.records.store import RecordsUnavailable

log = logging.getLogger(__name__)

_RANDOM: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class AgiConfig:
    """What the supervisor hands over."""

    settings: Settings
    layout: Layout
    database_url: str

    @classmethod
    def read(cls, path: Path) -> "AgiConfig":
        """Raises OSError, ValueError, KeyError: the file is the supervisor's own, a fault in it is a fault of ours."""
        tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(Settings.model_validate(tree["settings"]), Layout(Path(tree["data"])), tree["database_url"])


class CurrentRoutes:
    """The routes as the file has them; while it is not right, as it had them before."""

    def __init__(self, settings: Settings, data: Path) -> None:
        self._settings, self._data = settings, data
        self._seen: tuple[Path, int, int] | None = None
        self._routes: Routes | None = None

    def __call__(self) -> Routes:
        """Raises DialplanError: it has never been right."""
        seen = self._mark()
        if self._routes is not None and seen == self._seen:
            return self._routes
        try:
            self._routes = routes_of(self._settings, self._data)
        except DialplanError as error:
            if self._routes is None:
                raise
            log.warning("routes_not_read", extra={"error": str(error)})
        self._seen = seen
        return self._routes

    def _mark(self) -> tuple[Path, int, int] | None:
        path = routes_file(self._settings, self._data)
        try:
            about = path.stat() if path is not None else None
        except OSError:
            return None
        return (path, about.st_mtime_ns, about.st_size) if path is not None and about is not None else None


class RecordedCards:
    """Cards out of the records."""

    def __init__(self, reader: PostgresReader) -> None:
        self._reader = reader

    async def get_card(self, card_id: str) -> Mapping[str, Any] | None:
        """Raises Unavailable."""
        try:
            return await self._reader.get_card(card_id)
        except RecordsUnavailable as error:
            raise Unavailable(str(error)) from error


class WatchedQueues:
    """Queues as the board shows them."""

    def __init__(self, board: QueueBoard, live: Callable[[], bool], clock: Callable[[], float] = time.time) -> None:
        self._board, self._live, self._clock = board, live, clock

    def estimate(self, queue: str) -> Estimate | None:
        """Raises Unavailable."""
        if not self._live():
            raise Unavailable("Asterisk's manager interface is not heard")
        now = self._clock()
        view = self._board.queue(queue, now)
        if view is None:
            return None
        waiting = len(view.waiting)
        return Estimate(waiting, view.available, self._board.expected_wait_s(queue, waiting + 1, now))


async def serve_agi(config: AgiConfig) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the port is taken."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    settings = config.settings
    async with contextlib.AsyncExitStack() as stack:
        reader = PostgresReader(config.database_url)
        await reader.open()
        stack.push_async_callback(reader.close)
        secrets = load_or_create_secrets(config.layout.data)
        # The desk's user, which can neither set a variable nor move a call.
        who = (secrets.desk_ami_user, secrets.desk_ami_password)
        ami = AmiClient(settings.asterisk.host, settings.asterisk.ami_port, *who, events="agent,user")
        board = QueueBoard()
        watch = QueueWatch(ami, board, lambda: None)
        tasks = [asyncio.create_task(ami.run(), name="ami"), asyncio.create_task(watch.run(), name="queues")]
        stack.push_async_callback(_cancelled, tasks)
        hooks = Hooks(
            CurrentRoutes(settings, config.layout.data),
            RecordedCards(reader),
            WatchedQueues(board, watch.live.is_set),
            now=lambda: datetime.now(UTC),
            chance=_RANDOM.random,
        )
        server = await stack.enter_async_context(AgiServer(hooks.table(), settings.agi.port))
        log.info("agi_ready", extra={"port": server.port})
        over = asyncio.create_task(ended.wait(), name="ended")
        done, _ = await asyncio.wait({over, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {over}:
            task.result()  # a part that ends by itself has failed: the supervisor starts all anew


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="The FastAGI process; started by the supervisor.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    config = AgiConfig.read(parser.parse_args().config)
    configure("agi", config.settings.service.log_level)
    try:
        asyncio.run(serve_agi(config))
    except OSError as error:
        log.error("agi_not_started", extra={"port": config.settings.agi.port, "error": str(error)})
        sys.exit(1)


if __name__ == "__main__":
    main()
