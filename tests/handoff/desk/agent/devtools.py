"""One DevTools socket of a Chromium: commands and their answers, and what it tells unasked."""

import asyncio
import json
from typing import Any

import aiohttp


class ScriptError(AssertionError):
    """A command, or a script in the page, failed."""


class DevTools:
    """Takes over a connected socket, up to ``close``."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._count = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read(), name="devtools")

    def heard(self, method: str, params: dict[str, Any]) -> None:
        """An event; whoever wants them overrides this."""

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[self._count] = answer
        await self._socket.send_json({"id": self._count, "method": method, "params": params})
        async with asyncio.timeout(30):  # not wait_for, which before Python 3.12 may lose the cancellation of whoever waits for this
            data = await answer
        if "error" in data:
            raise ScriptError(f"{method}: {data['error']}")
        return dict(data["result"])

    async def close(self) -> None:
        await self._socket.close()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            if "id" not in data:
                self.heard(data["method"], data["params"])
            elif not (answer := self._waiting.pop(data["id"])).done():  # nobody waits any more for one that was cancelled
                answer.set_result(data)
