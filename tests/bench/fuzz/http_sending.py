"""Sends broken HTTP at a steady pace and judges each answer: nothing that needs a login may be given without one."""

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from collections.abc import Mapping
from typing import Final

from tests.bench.fuzz.damage import damaged
from tests.bench.fuzz.http_requests import WHERE, Where, request

_AT_ONCE: Final = 24
_SLOW_AT_ONCE: Final = 6
_OPEN: Final[Mapping[Where, re.Pattern[bytes]]] = {
    "desk": re.compile(rb"^[A-Z]+ /+(login|healthz|static/)"),
    "status": re.compile(rb"^[A-Z]+ /+(healthz|metrics|status|live)"),
    "asterisk": re.compile(rb"^OPTIONS "),
}
"""What is for everybody who reaches the port; of Asterisk's, only what a path allows."""


class HttpSending:
    """``answers`` counts (where, status); ``leaks`` are answers that should not have been given, each once."""

    def __init__(self, ports: Mapping[Where, int], seed: int, *, half_frames: bool = False) -> None:
        """``half_frames``: websockets of Asterisk's get frames that never end. They stop its SIP (seen in 22.10.1, docs/security.md)."""
        self._ports = ports
        self._chance = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._slow = 0
        self._half_frames = half_frames
        self.answers: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.leaks: list[str] = []

    async def run(self, count: int, per_s: float) -> None:
        began = time.monotonic()
        try:
            for number in range(count):
                await asyncio.sleep(max(0.0, began + number / per_s - time.monotonic()))
                while len(self._tasks) >= _AT_ONCE:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                where = self._chance.choice(WHERE)
                task = asyncio.create_task(self._one(where, random.Random(self._chance.getrandbits(32))))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await asyncio.gather(*self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()

    async def _one(self, where: Where, chance: random.Random) -> None:
        message = damaged(chance, request(chance, where, f"127.0.0.1:{self._ports[where]}"))
        self.sent[where] += 1
        slow = chance.random() < 0.01 and self._slow < _SLOW_AT_ONCE
        self._slow += slow
        try:
            answer = await self._exchange(where, message, chance, slow=slow)
        finally:
            self._slow -= slow
        self._judge(where, message, answer)

    async def _exchange(self, where: Where, message: bytes, chance: random.Random, *, slow: bool) -> bytes:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(4.0 if slow else 1.5):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._ports[where])
                try:
                    for start in range(0, len(message), 40 if slow else len(message)) if message else ():
                        writer.write(message[start : start + (40 if slow else len(message))])
                        await writer.drain()
                        await asyncio.sleep(0.05 if slow else 0)
                        if slow and start > 40 * 50:
                            return b""
                    async with asyncio.timeout(chance.choice((0.05, 0.3, 0.3))):
                        head = await reader.readuntil(b"\r\n")
                        if b" 101 " in head and (self._half_frames or where != "asterisk"):
                            await _frames(writer, chance)
                        return head
                except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                    return b""
                finally:
                    writer.transport.abort()
        return b""

    def _judge(self, where: Where, message: bytes, answer: bytes) -> None:
        found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
        status = int(found[1]) if found else 0
        self.answers[f"{where} {status}"] += 1
        first = message.split(b"\n", 1)[0].strip()
        if (200 <= status < 300 or status == 101) and not _OPEN[where].match(first):
            # The SIP of browser phones is open by design: who speaks there has to authenticate as any phone.
            if not (where == "asterisk" and b" /ws" in first):
                self.leaks.append(f"{where} answered {status} to {first[:100]!r}")
        elif status >= 500 and status not in (501, 503, 505) and b"Expect:" not in message:
            # To an Expect that is no text aiohttp itself answers 500.
            self.leaks.append(f"{where} failed with {status} on {message[:400]!r}")


async def _frames(writer: asyncio.StreamWriter, chance: random.Random) -> None:
    """Frames of a websocket, none of them quite right (RFC 6455 5.2)."""
    for _ in range(chance.randrange(1, 6)):
        writer.write(
            chance.choice((b"\x81\x05hello", b"\x82\xff" + b"\xff" * 8, b"\x88\x80", b"\xf1\x80\x00\x00\x00\x00", chance.randbytes(40)))
        )
        await writer.drain()
