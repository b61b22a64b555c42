"""One worker: a mind process and a media process of its own, with a Stasis application, sockets and logs of its own."""

import asyncio
import json
import logging
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ari_app.calls.reasons import NO_MEDIA
from ari_app.service.child import Child
from ari_app.service.front.worker_page import WorkerPage
from ari_app.service.hang_watch import HangWatch
from ari_app.service.layout import WorkerFiles
from ari_app.service.query import ServiceUnreachable
from ari_app.service.state import write_private

log = logging.getLogger(__name__)

HUNG_S: Final = 6.0
"""The dead-man timer's usual time: by then the callers are in the queue, and the process holds nobody up but new ones."""
_READY_S: Final = 150.0
_DEATHS: Final = 3
_CLOSE_S: Final = 12.0
"""A drained worker gives back what it has and writes its last records."""

MakeChild = Callable[[str, Sequence[str], WorkerFiles, Mapping[str, str], signal.Signals], Child]
"""Name (``mind`` or ``media``), command, files, environment of its own, the signal that ends it at once."""


class WorkerFailed(Exception):
    """The worker does not answer calls; the message names it, its log and what it lacks."""


class Worker:
    """``start`` returns when it answers calls; ``drain`` lets it finish, ``stop`` ends it at once."""

    def __init__(
        self, files: WorkerFiles, app: str, told: Mapping[str, Any], media: Sequence[str], mind: Sequence[str], make_child: MakeChild
    ) -> None:
        """``told``: what the mind's configuration file holds. ``media``, ``mind``: the commands."""
        self.files = files
        self.app = app
        self.page = WorkerPage(files.number, files.page_socket)
        self.reasons: list[str] | None = None
        """Why it answers no calls now, as last heard; None while it does not answer."""
        self.leaving = False
        """It is to get no new calls any more."""
        self._told = {**told, "worker": files.number}
        self._media = make_child("media", media, files, {}, signal.SIGTERM)
        self._mind = make_child("mind", [*mind, "--config", str(files.config)], files, told.get("tool_environment", {}), signal.SIGINT)
        self._hangs = {child.name: HangWatch(HUNG_S) for child in (self._mind, self._media)}
        self._ending = False

    @property
    def number(self) -> int:
        return self.files.number

    def pids(self) -> dict[str, int]:
        """Process ids by name of what runs now."""
        found = {child.name: child.pid for child in (self._media, self._mind)} | {f"{self._mind.name}-spare": self._mind.spare_pid}
        return {name: pid for name, pid in found.items() if pid}

    async def start_media(self) -> None:
        write_private(self.files.config, json.dumps(self._told))
        await self._media.start()

    async def start(self, limit_s: float = _READY_S) -> None:
        """To be called after ``start_media``. Raises WorkerFailed."""
        await self._mind.start()
        until = time.monotonic() + limit_s
        lacks = "it does not answer"
        while time.monotonic() < until and self._mind.restarts < _DEATHS:
            if await self.look():
                return
            lacks = "; ".join(self.reasons) if self.reasons is not None else lacks
            await asyncio.sleep(0.1)
        which = "the worker" if self.number == 1 else f"worker {self.number}"
        raise WorkerFailed(f"{which} is not ready: {lacks}. Its log: {self.files.log('mind')}")

    async def look(self) -> bool:
        """Ask whether it answers calls. A process that hangs is not noticed as one that dies: it is killed, so that it is started again."""
        try:
            self.reasons = [str(reason) for reason in (await self.page.json("/healthz")).get("reasons", [])]
        except ServiceUnreachable:
            self.reasons = None
        if not self._ending:
            reasons = self.reasons
            well = {self._mind.name: reasons is not None, self._media.name: None if reasons is None else NO_MEDIA not in reasons}
            for child in (self._mind, self._media):
                if self._hangs[child.name].step(child.pid, well[child.name], time.monotonic()):
                    log.error("process_hangs", extra={"child": child.name, "child_pid": child.pid, "silent_s": HUNG_S})
                    child.kill()
        return self.reasons == []

    async def live_calls(self) -> int:
        """Raises ServiceUnreachable."""
        return int((await self.page.json("/status")).get("live_calls", 0))

    async def drain(self, limit_s: float) -> None:
        """No new calls; the live ones go on to their end, those that are left after ``limit_s`` seconds go to the queue; then it ends."""
        self.leaving = self._ending = True
        if not await self._mind.leave(limit_s + _CLOSE_S):
            log.warning("drain_incomplete", extra={"worker": self.number, "waited_s": limit_s})
        await self.stop()

    async def stop_mind(self) -> None:
        """Its callers go to the queue, at once and in good order."""
        self.leaving = self._ending = True
        await self._mind.stop()

    async def stop(self) -> None:
        """All of it; ``stop_mind`` may have been called before."""
        await self.stop_mind()
        await self._media.stop()
        await self.page.close()
        for path in (self.files.config, self.files.page_socket):
            path.unlink(missing_ok=True)
