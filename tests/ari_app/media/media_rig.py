"""A real media process and a real RTP peer on loopback, for tests and benchmarks."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from ari_app.media.rtp import Packet, build, parse
from tests.free_ports import free_block


@dataclass
class Media:
    """A running media process."""

    process: asyncio.subprocess.Process
    socket: Path
    first_port: int


@contextlib.asynccontextmanager
async def media_process(folder: Path, ports: int = 16, *options: str) -> AsyncIterator[Media]:
    """``python -m ari_app.media`` with a socket in ``folder``; ended by SIGTERM, and that must work."""
    first = free_block(ports)
    path = folder / "media.sock"
    arguments = ["--socket", str(path), "--first-port", str(first), "--last-port", str(first + ports - 1), "--log-level", "error", *options]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "ari_app.media", *arguments)
    try:
        async with asyncio.timeout(30):
            while not path.exists():
                await asyncio.sleep(0.01)
        yield Media(process, path, first)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5):
            await process.wait()


@dataclass
class Arrival:
    at: float
    packet: Packet


@dataclass
class RtpPeer(asyncio.DatagramProtocol):
    """Asterisk's side of a leg: ``port`` is where it listens; ``send`` sends one packet; ``arrivals`` is what came."""

    to: tuple[str, int]
    arrivals: list[Arrival] = field(default_factory=list)
    sequence: int = 65000
    timestamp: int = 4294960000
    ssrc: int = 4711

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.port: int = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.arrivals.append(Arrival(time.monotonic(), parse(data)))

    def error_received(self, exc: Exception) -> None:
        """The other side may be gone at the end of a test."""

    def send(self, payload: bytes, payload_type: int = 0) -> None:
        packet = Packet(payload_type, self.sequence % 65536, self.timestamp % (1 << 32), self.ssrc, payload)
        self.transport.sendto(build(packet), self.to)
        self.sequence += 1
        self.timestamp += len(payload)

    async def speak(self, audio: bytes, size: int = 160) -> None:
        """Send ``audio`` (8 kHz bytes of a law) in packets of ``size`` samples on an absolute clock."""
        start = time.monotonic()
        for number, offset in enumerate(range(0, len(audio), size)):
            await asyncio.sleep(max(0.0, start + number * size / 8000 - time.monotonic()))
            self.send(audio[offset : offset + size])

    def heard(self) -> bytes:
        """All payloads in order of sequence."""
        return b"".join(arrival.packet.payload for arrival in self.arrivals)


@contextlib.asynccontextmanager
async def rtp_peer(to_port: int) -> AsyncIterator[RtpPeer]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(lambda: RtpPeer(("127.0.0.1", to_port)), local_addr=("127.0.0.1", 0))
    try:
        yield protocol
    finally:
        transport.close()
        await asyncio.sleep(0)
