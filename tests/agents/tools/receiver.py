"""A receiver of webhooks on a real socket that does as it is told, request by request."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

Action: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""Answers one request in its own way; the connection is closed after it."""


@dataclass
class Received:
    method: str
    target: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass
class Receiver:
    """``plan``: what to do with the first requests; after them ``then``."""

    base: str = ""
    requests: list[Received] = field(default_factory=list)
    plan: list[Action] = field(default_factory=list)
    then: Action | None = None
    _busy: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def keys(self) -> list[str]:
        return [request.headers["idempotency-key"] for request in self.requests]

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._handle(reader, writer))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def close(self) -> None:
        """Drops what is still under way."""
        tasks = list(self._busy)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            method, target, _ = first.split(" ")
            self.requests.append(Received(method, target, headers, body))
            action = self.plan.pop(0) if self.plan else (self.then or answer({"ok": True}))
            await action(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the other side has given up, which several tests want
        finally:
            writer.close()


@asynccontextmanager
async def receiving(*plan: Action) -> AsyncIterator[Receiver]:
    made = Receiver(plan=list(plan))
    server = await asyncio.start_server(made.connected, "127.0.0.1", 0)
    made.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        await made.close()


def answer(body: object, status: int = 200, **headers: str) -> Action:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": str(len(data)), "Connection": "close", **{name.replace("_", "-"): value for name, value in headers.items()}}

    async def act(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} As Told\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(head.encode() + b"\r\n" + data)
        await writer.drain()

    return act


def slow(seconds: float) -> Action:
    async def act(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await answer({"slow": True})(writer)

    return act


async def cut(writer: asyncio.StreamWriter) -> None:
    """Promises more than it sends."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"half": ')
    await writer.drain()


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Closes without a word."""


async def babble(writer: asyncio.StreamWriter) -> None:
    writer.write(b"this is no HTTP\r\n\r\n")
    await writer.drain()


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
        await writer.drain()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Alive at every moment and never done."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)
