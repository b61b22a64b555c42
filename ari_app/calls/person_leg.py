"""The person who picked up, alone with the agent: a line of their own, in a bridge of their own, until they are joined with the caller."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from agents.transcript import JsonValue
from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError, Gone
from ari_app.calls.media_port import MediaLine, MediaLink
from ari_app.calls.shell_names import BRIDGE_PREFIX, LEG_PREFIX
from ari_app.calls.transfer_names import Place
from ari_app.media.errors import MediaError

log = logging.getLogger(__name__)

_ENTER_S = 2.0
_CLOSE_S = 2.0


class PersonUnreachable(Exception):
    """There is no way to speak with the person; the message says which part failed."""


class PersonLeg:
    """Built once; ``close`` gives back whatever there is by then and may be called at any time, also twice."""

    def __init__(self, place: Place, ari: AriClient, app: str, media_host: str) -> None:
        self._place = place
        self._ari = ari
        self._app = app
        self._media_host = media_host
        self.line: MediaLine | None = None
        self._entered = asyncio.Event()

    @property
    def leg_id(self) -> str:
        return LEG_PREFIX + self._place.line

    @property
    def bridge_id(self) -> str:
        return BRIDGE_PREFIX + self._place.line

    def entered(self) -> None:
        """Asterisk's leg came into our application."""
        self._entered.set()

    async def build(self, link: MediaLink | None) -> None:
        """Raises PersonUnreachable; what there is then still has to be closed."""
        if link is None:
            raise PersonUnreachable("the media process is not connected")
        try:
            # The halves of a Local channel carry any format; mu-law is what phones agree on most.
            self.line = line = await link.open(self._place.line, law="ulaw")
            address = f"{self._media_host}:{line.port}"
            made, bridge = await asyncio.gather(
                self._ari.external_media(self._app, self.leg_id, address, "ulaw", f"media,{self._place.call_id}"),
                self._ari.create_bridge(self.bridge_id, self._app),
            )
            if isinstance(made, Gone) or isinstance(bridge, Gone):
                raise PersonUnreachable("Asterisk made no leg")
            await line.attach(made.host, made.port)
            async with asyncio.timeout(_ENTER_S):
                await self._entered.wait()
            if isinstance(await self._ari.add_to_bridge(self.bridge_id, self._place.member_channel, self.leg_id), Gone):
                raise PersonUnreachable("the person has left")
        except TimeoutError as error:
            raise PersonUnreachable(f"Asterisk's leg did not come within {_ENTER_S:g} s") from error
        except (AriError, MediaError) as error:
            raise PersonUnreachable(str(error)) from error

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
            log.warning("line_close_failed", extra={"call_id": self._place.call_id, "error": str(error) or "no answer"})
            return {}

    async def _quietly(self, request: Awaitable[Any]) -> None:
        try:
            await request
        except AriError as error:
            log.warning("ari_refused", extra={"call_id": self._place.call_id, "error": str(error)})
