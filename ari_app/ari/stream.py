"""ARI's event websocket, kept connected. Reading never waits for whoever uses the events: handlers are plain functions that queue."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import aiohttp

from ari_app.ari.client import AriClient
from ari_app.ari.errors import ApplicationTaken, AriError, Gone
from ari_app.ari.events import ApplicationReplaced, Event, parse_event

log = logging.getLogger(__name__)

_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 1.0
_HANDSHAKE_S = 2.0
_REGISTER_POLLS = 50
_REGISTER_POLL_S = 0.01
_HEARTBEAT_S = 4.0
"""A websocket ping this often; a peer silent for half of it counts as dead."""


def backoff_s(attempt: int) -> float:
    """Seconds before the n-th attempt (from 1) in a row: 0.1, 0.2, 0.4, 0.8, then 1.0 for ever."""
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(attempt - 1, 10))


class AriStream:
    """Events of one Stasis application.

    ``on_event`` gets every event in order; ``on_connected`` and ``on_disconnected`` alternate, connected first.
    None of them may block or raise.
    """

    def __init__(
        self,
        client: AriClient,
        app: str,
        *,
        on_event: Callable[[Event], None],
        on_connected: Callable[[], None],
        on_disconnected: Callable[[], None],
    ) -> None:
        self._client = client
        self._app = app
        self._on_event = on_event
        self._on_connected = on_connected
        self._on_disconnected = on_disconnected
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    @property
    def connected(self) -> bool:
        return self._socket is not None

    async def run(self) -> None:
        """Connect and read until cancelled. Raises ApplicationTaken when another process takes the application's name."""
        attempt = 0
        while True:
            if await self._session():
                attempt = 0
            attempt += 1
            await asyncio.sleep(backoff_s(attempt))

    async def drop(self) -> None:
        """Close the connection; ``run`` opens another."""
        if self._socket is not None:
            await self._socket.close()

    async def _session(self) -> bool:
        """One connection from handshake to loss; False when it never came up."""
        try:
            socket = await self._connect()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("ari_stream_refused", extra={"app": self._app, "error": str(error)})
            return False
        try:
            await self._registered()
            await self._serve(socket)
        finally:
            with suppress(aiohttp.ClientError, TimeoutError):
                await socket.close()
        return True

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._on_connected()
        log.info("ari_stream_connected", extra={"app": self._app})
        try:
            await self._read(socket)
        finally:
            self._socket = None
            self._on_disconnected()
            log.warning("ari_stream_disconnected", extra={"app": self._app, "code": socket.close_code})

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        url = self._client.base_url + "/events"
        async with asyncio.timeout(_HANDSHAKE_S):
            return await self._client.session.ws_connect(
                url,
                params={"app": self._app},
                heartbeat=_HEARTBEAT_S,
                timeout=aiohttp.ClientWSTimeout(ws_close=0.5),
                max_msg_size=0,
            )

    async def _registered(self) -> None:
        """Asterisk answers the handshake before it knows the application; until then Stasis() fails for new calls."""
        for _ in range(_REGISTER_POLLS):
            try:
                if not isinstance(await self._client.application(self._app), Gone):
                    return
            except AriError as error:
                log.warning("ari_application_unknown", extra={"app": self._app, "error": str(error)})
                return
            await asyncio.sleep(_REGISTER_POLL_S)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            event = parse_event(message.data)
            if isinstance(event, ApplicationReplaced):
                raise ApplicationTaken(
                    f"another process connected as Stasis application {self._app!r}; stop it, or give this one another name in asterisk.app"
                )
            self._on_event(event)
