"""The mind's real control page over a call control in memory, on a port of its own."""

from types import TracebackType

from aiohttp import web
from prometheus_client import CollectorRegistry

from ari_app.calls.live_feed import LiveFeed
from ari_app.service.control import add_control
from ari_app.service.http import build_app, serve
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
