"""What the tests of this folder share: settings on free ports, a runtime, a tiny AMI client, an ARI client."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from ari_app.pbx.install import RuntimeInstall, ensure_runtime
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.pbx.server import AsteriskServer
from ari_app.settings import Settings
from tests.free_ports import free_block, free_port

RUNTIME = Path(os.environ.get("PATCHCORD_RUNTIME") or Path(__file__).parents[3] / ".patchcord" / "runtime")


def free_settings(**calls: Any) -> Settings:
    """Settings on ports that nobody uses now; ``calls`` overrides the section of that name."""
    first = free_block(100)
    return Settings.model_validate(
        {
            "sip": {"bind": "127.0.0.1", "port": free_port(), "rtp_first": first, "rtp_last": first + 99},
            "asterisk": {"source": "packages", "http_port": free_port(), "ami_port": free_port()},
            "calls": calls,
        }
    )


async def runtime(settings: Settings) -> RuntimeInstall:
    return await ensure_runtime(RUNTIME, settings)


@asynccontextmanager
async def running(data_dir: Path, settings: Settings) -> AsyncIterator[AsteriskServer]:
    install = await runtime(settings)
    async with AsteriskServer(install.asterisk, data_dir, settings, load_or_create_secrets(data_dir)) as server:
        yield server


class Ami:
    """The manager interface, one action at a time; events are ignored."""

    def __init__(self, server: AsteriskServer) -> None:
        self._server = server

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._server.settings.asterisk.ami_port)
        await self._reader.readline()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def login(self, password: str | None = None) -> dict[str, str]:
        secrets = self._server.secrets
        return await self.send(Action="Login", Username=secrets.ami_user, Secret=secrets.ami_password if password is None else password)

    async def send(self, **fields: str) -> dict[str, str]:
        self._writer.write("".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n")
        while True:
            block = (await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 5)).decode()
            answer = {line.partition(":")[0]: line.partition(":")[2].strip() for line in block.split("\r\n") if line}
            if "Response" in answer:
                return answer


class Ari:
    """REST and one websocket of the Stasis application."""

    def __init__(self, server: AsteriskServer) -> None:
        secrets = server.secrets
        token = base64.b64encode(f"{secrets.ari_user}:{secrets.ari_password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}
        self._url = server.ari_url
        self._app = f"{server.settings.asterisk.app}-1"  # the first worker

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._session.close()

    async def connect(self) -> aiohttp.ClientWebSocketResponse:
        return await self._session.ws_connect(f"{self._url}/events", params={"app": self._app})

    async def call(self, method: str, path: str, **parameters: str) -> int:
        async with self._session.request(method, f"{self._url}{path}", params=parameters) as response:
            return response.status

    async def get(self, path: str) -> Any:
        async with self._session.get(f"{self._url}{path}") as response:
            return await response.json()


async def event(socket_: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """Wait for the next event of a type."""
    while True:
        content: dict[str, Any] = await socket_.receive_json(timeout=10)
        if content["type"] == kind:
            return content
