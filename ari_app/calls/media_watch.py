"""Keeps a link to the media process."""

import asyncio
import logging
from collections.abc import Callable

from ari_app.calls.media_port import ConnectMedia, MediaLink
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
            await self.link.lost.wait()
            lost, self.link = self.link, None
            self._on_lost()
            log.error("media_lost")
            await lost.close()

    async def close(self) -> None:
        """Give the link back."""
        if self.link is not None:
            link, self.link = self.link, None
            await link.close()
