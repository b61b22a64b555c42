"""Keeps a link to the media process."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from ari_app.calls.media_port import ConnectMedia, MediaLink
from ari_app.calls.pulse_watch import EVERY_S, SILENT_S, PulseWatch
from ari_app.media.errors import MediaError

log = logging.getLogger(__name__)

_RETRY_S = 0.2


class MediaWatch:
    """``link`` is None while there is none; ``on_lost`` is called each time one goes."""

    def __init__(self, connect: ConnectMedia, on_lost: Callable[[], None]) -> None:
        self._connect = connect
        self._on_lost = on_lost
        self.link: MediaLink | None = None

    async def run(self) -> None:
        """Connect, and connect again, until cancelled."""
        refused = False
        while True:
            try:
                self.link = await self._connect()
            except MediaError as error:
                if not refused:
                    log.error("media_unavailable", extra={"error": str(error)})
                refused = True
                await asyncio.sleep(_RETRY_S)
                continue
            refused = False
            log.info("media_connected")
            await _gone(self.link)
            lost, self.link = self.link, None
            self._on_lost()
            log.error("media_lost")
            await lost.close()

    async def close(self) -> None:
        """Give the link back."""
        if self.link is not None:
            link, self.link = self.link, None
            await link.close()


async def _gone(link: MediaLink) -> None:
    """Return when the process has ended or stands still, which no closed connection tells."""
    watch = PulseWatch()
    while not link.lost.is_set():
        if watch.step(link.pulses, time.monotonic()):
            log.error("media_silent", extra={"error": f"no pulse within {SILENT_S:g} s"})
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY_S):
                await link.lost.wait()
