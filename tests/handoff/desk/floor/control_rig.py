"""The mind's real control page over a call control in memory, on a port of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType

from aiohttp import web
from prometheus_client import CollectorRegistry

from ari_app.calls.live_feed import LiveFeed
from ari_app.service.control import add_control
from ari_app.service.http import build_app, serve
from handoff.desk.control import HttpCallControl
from handoff.desk.database import Database
from handoff.desk.deps import DeskDeps
from handoff.queues import QueueBoard
from handoff.records.reader import PostgresReader
from tests.handoff.desk.conftest import SECRET
from tests.handoff.desk.floor.memory_control import MemoryLiveControl

TOKEN = "t" * 43


class ControlRig:
    """Can be stopped and started again on the same port, as a process that dies."""

    def __init__(self, beat_s: float = 5.0) -> None:
        self.control = MemoryLiveControl({"c1"})
        self.feed = LiveFeed()
        self.port = 0
        self._beat_s = beat_s
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.feed = LiveFeed()
        app = build_app(not_ready=list, status=dict, live=dict, registry=CollectorRegistry())
        add_control(app, self.control, self.feed, TOKEN, beat_s=self._beat_s)
        self._runner = await serve(app, self.port)
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> "ControlRig":
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()


@contextlib.asynccontextmanager
async def desk_of(mind: ControlRig, url: str, phone_of: tuple[str, str], recordings: Path | None = None) -> AsyncIterator[DeskDeps]:
    """What a desk needs that steers the calls of ``mind``. ``url``: of its database; ``phone_of``: a user, and the phone they have."""
    reader, database = PostgresReader(url, connections=2), Database(url)
    await reader.open()
    control = HttpCallControl(mind.url, TOKEN)
    reading = asyncio.create_task(control.run())
    await database.open()
    await database.run("UPDATE desk_users SET phone = %(phone)s WHERE name = %(name)s", {"name": phone_of[0], "phone": phone_of[1]})
    await database.close()
    yield DeskDeps(Database(url), reader, SECRET, control=control, board=QueueBoard(), recordings=recordings)
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
    await control.close()
    await reader.close()
