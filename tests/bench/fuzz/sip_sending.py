"""Sends broken SIP at a steady pace, by datagrams and over TCP in pieces, and listens to what comes back."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from typing import Final

from tests.bench.fuzz.damage import damaged
from tests.bench.fuzz.sip_requests import Learnt, request

TRUSTED: Final = "127.0.0.1"
STRANGERS: Final = ("127.0.0.2", "127.0.0.3")
_STREAMS: Final = 8
"""TCP connections at once, at most."""


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, sending: "SipSending") -> None:
        self._sending = sending

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._sending.hear(data)


class SipSending:
    """``answers`` counts statuses; ``sent`` messages by transport. Everything is drawn from ``seed`` but what answers teach."""

    def __init__(self, port: int, seed: int, *, tcp_share: float = 0.15) -> None:
        self._port = port
        self._chance = random.Random(seed)
        self._tcp_share = tcp_share
        self._learnt = Learnt()
        self._streams: set[asyncio.Task[None]] = set()
        self.answers: Counter[int] = Counter()
        self.sent: Counter[str] = Counter()

    def hear(self, data: bytes) -> None:
        if status := self._learnt.hear(data):
            self.answers[status] += 1

    async def run(self, count: int, per_s: float) -> None:
        loop = asyncio.get_running_loop()
        ends = [await loop.create_datagram_endpoint(lambda: _Ear(self), local_addr=(place, 0)) for place in (TRUSTED, *STRANGERS)]
        doors = dict(zip((TRUSTED, *STRANGERS), (end[0] for end in ends), strict=True))
        began = time.monotonic()
        try:
            for number in range(count):
                await asyncio.sleep(max(0.0, began + number / per_s - time.monotonic()))
                await self._one(number, doors)
            await asyncio.gather(*self._streams)
            await asyncio.sleep(0.5)
        finally:
            for task in self._streams:
                task.cancel()
            for door in doors.values():
                door.close()

    async def _one(self, number: int, doors: dict[str, asyncio.DatagramTransport]) -> None:
        place = self._chance.choice((TRUSTED, *STRANGERS))
        transport = "TCP" if self._chance.random() < self._tcp_share else "UDP"
        whole = request(self._chance, number, self._learnt, trusted=place == TRUSTED, transport=transport)
        message = damaged(self._chance, whole)
        self.sent[transport] += 1
        if transport == "UDP":
            doors[place].sendto(message, ("127.0.0.1", self._port))
            return
        while len(self._streams) >= _STREAMS:
            await asyncio.wait(self._streams, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._stream(place, message, random.Random(self._chance.getrandbits(32))))
        self._streams.add(task)
        task.add_done_callback(self._streams.discard)

    async def _stream(self, place: str, message: bytes, chance: random.Random) -> None:
        """One connection: pieces with pauses, then gone, now and then without a word or in the middle."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(3.0):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=(place, 0))
                try:
                    left = message
                    while left and chance.random() < 0.97:
                        size = chance.choice((1, 7, 100, 1500, len(left)))
                        writer.write(left[:size])
                        await writer.drain()
                        left = left[size:]
                        if chance.random() < 0.2:
                            await asyncio.sleep(0.01)
                    if chance.random() < 0.5:
                        async with asyncio.timeout(0.1):
                            self.hear(await reader.read(4096))
                finally:
                    writer.transport.abort()
