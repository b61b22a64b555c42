"""The page of one worker, over its Unix socket."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Final

import aiohttp

from ari_app.service.query import ServiceUnreachable

ASK_S: Final = 2.0
ACT_S: Final = 10.0
SILENCE_S: Final = 15.0
"""A feed that is silent for three beats is dead."""
_LONGEST_LINE: Final = 16 * 1024 * 1024
_HOST: Final = "http://localhost"
_AWAY: Final = (aiohttp.ClientError, OSError, TimeoutError, ValueError)


class WorkerPage:
    """``number`` is the worker's. Everything raises ServiceUnreachable when the worker does not answer."""

    def __init__(self, number: int, socket: Path) -> None:
        self.number = number
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def json(self, path: str, timeout_s: float = ASK_S) -> dict[str, Any]:
        """A 503 with a JSON body is an answer too."""
        try:
            async with self._http().get(_HOST + path, timeout=aiohttp.ClientTimeout(total=timeout_s)) as response:
                body: dict[str, Any] = await response.json()
                return body
        except _AWAY as error:
            raise self._unreachable(path, error) from error

    async def text(self, path: str, timeout_s: float = ASK_S) -> str:
        try:
            async with self._http().get(_HOST + path, timeout=aiohttp.ClientTimeout(total=timeout_s)) as response:
                return await response.text()
        except _AWAY as error:
            raise self._unreachable(path, error) from error

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer."""
        try:
            async with self._http().post(_HOST + path, data=body, headers=headers, timeout=aiohttp.ClientTimeout(total=ACT_S)) as response:
                return response.status, await response.read()
        except _AWAY as error:
            raise self._unreachable(path, error) from error

    async def feed(self, token: str) -> AsyncGenerator[bytes, None]:
        """Lines of the control feed, until it ends or falls silent."""
        limits = aiohttp.ClientTimeout(total=None, sock_read=SILENCE_S)
        try:
            async with self._http().get(f"{_HOST}/control/feed", timeout=limits, headers={"Authorization": f"Bearer {token}"}) as response:
                response.raise_for_status()
                rest = b""
                async for chunk in response.content.iter_any():
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        yield line
                    if len(rest) > _LONGEST_LINE:
                        raise ValueError("a feed line without an end")
        except _AWAY as error:
            raise self._unreachable("/control/feed", error) from error

    def _unreachable(self, path: str, error: Exception) -> ServiceUnreachable:
        return ServiceUnreachable(f"worker {self.number} does not answer at {self._socket}{path} ({error or type(error).__name__})")

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(self._socket), limit=0))
        return self._session
