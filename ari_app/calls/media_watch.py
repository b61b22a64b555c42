"""Keeps a link to the media process."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from ari_app.calls.media_port import ConnectMedia, MediaLink
from ari_app.media.errors import MediaError

log = logging.getLogger(__name__)

_RETRY_S = 0.2
_ASK_EVERY_S = 1.0
_ANSWER_S = 2.0
_SILENT_TIMES = 2
"""A media process silent for so long hangs: its callers hear nothing, and no closed connection tells us."""


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
    """Return when the process has ended or hangs."""
    silent = 0
    while not link.lost.is_set():
        try:
            async with asyncio.timeout(_ANSWER_S):
                await link.status()
        except MediaError as error:
            log.error("media_silent", extra={"error": str(error)})
            return
        except TimeoutError:
            # Once proves nothing: when a tool keeps this process busy, the answer waits here, unread.
            silent += 1
            if silent >= _SILENT_TIMES:
                log.error("media_silent", extra={"error": f"no answer within {_ANSWER_S:g} s, {silent} times in a row"})
                return
            continue
        silent = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ASK_EVERY_S):
                await link.lost.wait()
