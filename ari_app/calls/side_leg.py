"""A line of its own for a channel beside the caller's, in a bridge of their own: a person who picked up, or what a caller says to one."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from agents.transcript import JsonValue
from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError, Gone
from ari_app.calls.media_port import MediaLine, MediaLink
from ari_app.calls.shell_names import BRIDGE_PREFIX, LEG_PREFIX
from ari_app.media.errors import MediaError

log = logging.getLogger(__name__)

_ENTER_S = 2.0
_CLOSE_S = 2.0


class SideLegFailed(Exception):
    """There is no line; the message says which part failed."""


class SideLeg:
    """Built once; ``close`` gives back whatever there is by then and may be called at any time, also twice."""

    def __init__(self, name: str, call_id: str, channel: str, ari: AriClient, app: str, media_host: str) -> None:
        """``name``: by which the media process, and with our prefixes Asterisk, know the line; ``channel``: who is on it."""
        self._name = name
        self._call_id = call_id
        self._channel = channel
        self._ari = ari
        self._app = app
        self._media_host = media_host
        self.line: MediaLine | None = None
        self._entered = asyncio.Event()

    @property
    def leg_id(self) -> str:
        return LEG_PREFIX + self._name

    @property
    def bridge_id(self) -> str:
        return BRIDGE_PREFIX + self._name

    def entered(self) -> None:
        """Asterisk's leg came into our application."""
        self._entered.set()

    async def build(self, link: MediaLink | None) -> None:
        """Raises SideLegFailed; what there is then still has to be closed."""
        if link is None:
            raise SideLegFailed("the media process is not connected")
        try:
            # Local channels and snoops carry any format; mu-law is what phones agree on most.
            self.line = line = await link.open(self._name, law="ulaw")
            address = f"{self._media_host}:{line.port}"
            made, bridge = await asyncio.gather(
                self._ari.external_media(self._app, self.leg_id, address, "ulaw", f"media,{self._call_id}"),
                self._ari.create_bridge(self.bridge_id, self._app),
            )
            if isinstance(made, Gone) or isinstance(bridge, Gone):
                raise SideLegFailed("Asterisk made no leg")
            await line.attach(made.host, made.port)
            async with asyncio.timeout(_ENTER_S):
                await self._entered.wait()
            if isinstance(await self._ari.add_to_bridge(self.bridge_id, self._channel, self.leg_id), Gone):
                raise SideLegFailed("the channel has left")
        except TimeoutError as error:
            raise SideLegFailed(f"Asterisk's leg did not come within {_ENTER_S:g} s") from error
        except (AriError, MediaError) as error:
            raise SideLegFailed(str(error)) from error

    async def close(self) -> dict[str, JsonValue]:
        """The statistics of the line, when there was one."""
        await asyncio.gather(self._quietly(self._ari.hangup(self.leg_id)), self._quietly(self._ari.destroy_bridge(self.bridge_id)))
        line, self.line = self.line, None
        if line is None:
            return {}
        try:
            async with asyncio.timeout(_CLOSE_S):
                return dict(await line.close("hangup"))
        except (MediaError, TimeoutError) as error:
            log.warning("line_close_failed", extra={"call_id": self._call_id, "error": str(error) or "no answer"})
            return {}

    async def _quietly(self, request: Awaitable[Any]) -> None:
        try:
            await request
        except AriError as error:
            log.warning("ari_refused", extra={"call_id": self._call_id, "error": str(error)})
