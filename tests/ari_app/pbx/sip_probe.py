"""A SIP peer of a few lines over a real UDP socket, for asking Asterisk questions; it knows nothing that the product knows."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

G729_OFFER = "m=audio {port} RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n"
G711_OFFER = "m=audio {port} RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n"


@dataclass
class Message:
    start: str
    headers: dict[str, str]
    body: str
    raw: bytes = field(repr=False, default=b"")

    @classmethod
    def parse(cls, data: bytes) -> Self:
        head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), value.strip())
        return cls(start, headers, body, data)

    @property
    def status(self) -> int:
        return int(self.start.split()[1]) if self.start.startswith("SIP/") else 0

    @property
    def method(self) -> str:
        return self.start.split()[0]

    def vias(self) -> str:
        return "".join(f"{line}\r\n" for line in self.raw.decode().split("\r\n") if line.lower().startswith(("via:", "record-route:")))


class _Inbox(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.queue.put_nowait(data)


class Probe:
    """One UDP socket for SIP and one for RTP, both at ``host``."""

    def __init__(self, host: str, server: tuple[str, int]) -> None:
        self.host = host
        self.server = server
        self.calls: asyncio.Queue[Message] = asyncio.Queue()
        """Requests that arrive, INVITE and others; OPTIONS are answered here."""
        self._replies: dict[str, asyncio.Queue[Message]] = {}
        self._dialogs: list[Dialog] = []

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, self._inbox = await loop.create_datagram_endpoint(_Inbox, local_addr=(self.host, 0))
        self._rtp_transport, self._rtp = await loop.create_datagram_endpoint(_Inbox, local_addr=(self.host, 0))
        self.port: int = self._transport.get_extra_info("sockname")[1]
        self.rtp_port: int = self._rtp_transport.get_extra_info("sockname")[1]
        self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        for dialog in self._dialogs:
            dialog.leave()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        self._transport.close()
        self._rtp_transport.close()
        await asyncio.sleep(0)

    async def _read(self) -> None:
        while True:
            message = Message.parse(await self._inbox.queue.get())
            if message.status:
                queue = self._replies.get(message.headers.get("call-id", ""))
                if queue is not None:
                    queue.put_nowait(message)
            elif message.method == "OPTIONS":
                self.reply(message, "200 OK")
            elif message.method != "ACK":
                self.calls.put_nowait(message)

    def send(self, text: str | bytes) -> None:
        self._transport.sendto(text if isinstance(text, bytes) else text.encode(), self.server)

    def reply(self, request: Message, status: str, extra: str = "", body: str = "") -> None:
        to = request.headers["to"]
        tag = "" if "tag=" in to else f";tag={hashlib.md5(request.headers['call-id'].encode(), usedforsecurity=False).hexdigest()[:8]}"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.send(
            f"SIP/2.0 {status}\r\n{request.vias()}From: {request.headers['from']}\r\nTo: {to}{tag}\r\n"
            f"Call-ID: {request.headers['call-id']}\r\nCSeq: {request.headers['cseq']}\r\n"
            f"Contact: <sip:probe@{self.host}:{self.port}>\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def sdp(self, media: str = G711_OFFER) -> str:
        where = f"IN IP4 {self.host}"
        return f"v=0\r\no=- 1 1 {where}\r\ns=-\r\nc={where}\r\nt=0 0\r\n{media.format(port=self.rtp_port)}"

    async def call(self, number: str, user: str = "5550100", media: str = G711_OFFER, password: str = "") -> "Dialog":
        """Send an INVITE, with an answer to the challenge when a password is given; return at the final response."""
        dialog = Dialog(self, number, user)
        self._replies[dialog.call_id] = dialog.inbox
        self._dialogs.append(dialog)
        await dialog.invite(self.sdp(media), password)
        return dialog

    async def register(self, user: str, password: str, expires: int = 300) -> int:
        """Register, answering the challenge; return the final status."""
        dialog = Dialog(self, "", user)
        self._replies[dialog.call_id] = dialog.inbox
        reply = await dialog.request("REGISTER", f"Expires: {expires}\r\n")
        if reply.status == 401:
            reply = await dialog.request("REGISTER", f"Expires: {expires}\r\n" + dialog.credentials(reply, "REGISTER", password))
        return reply.status

    async def listen(self, seconds: float) -> npt.NDArray[np.int16]:
        """Collect the mu-law audio that arrives by RTP for a while, in order of arrival."""
        deadline = asyncio.get_running_loop().time() + seconds
        payload = bytearray()
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            try:
                packet = await asyncio.wait_for(self._rtp.queue.get(), left)
            except TimeoutError:
                break
            if packet[1] & 0x7F == 0:
                payload += packet[12:]
        return ulaw_to_linear(bytes(payload))


class Dialog:
    """One call or registration."""

    def __init__(self, probe: Probe, number: str, user: str) -> None:
        self.probe, self.number, self.user = probe, number, user
        self.call_id = f"{secrets.token_hex(8)}@{probe.host}"
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.provisional: list[int] = []
        self._cseq = 0
        self._up = False
        self._tag = secrets.token_hex(4)
        self._to = ""
        self.final: Message

    def _uri(self) -> str:
        host, port = self.probe.server
        return f"sip:{self.number}@{host}:{port}" if self.number else f"sip:{host}:{port}"

    def compose(self, method: str, extra: str = "", body: str = "", cseq: int | None = None) -> str:
        if cseq is None:
            self._cseq += 1
            cseq = self._cseq
        host, _ = self.probe.server
        here = f"{self.probe.host}:{self.probe.port}"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        to = self._to or f"<sip:{self.number or self.user}@{host}>"
        return (
            f"{method} {self._uri()} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{secrets.token_hex(6)};rport\r\nMax-Forwards: 70\r\n"
            f"From: <sip:{self.user}@{host}>;tag={self._tag}\r\nTo: {to}\r\nCall-ID: {self.call_id}\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:{self.user}@{here}>\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    async def request(self, method: str, extra: str = "", body: str = "") -> Message:
        self.probe.send(self.compose(method, extra, body))
        while True:
            reply = await asyncio.wait_for(self.inbox.get(), 5)
            if not reply.headers["cseq"].startswith(f"{self._cseq} "):
                continue
            if reply.status >= 200:
                return reply
            self.provisional.append(reply.status)

    async def invite(self, sdp: str, password: str) -> None:
        self.final = await self.request("INVITE", "", sdp)
        self._ack()
        if self.final.status == 401 and password:
            self._to = ""
            self.final = await self.request("INVITE", self.credentials(self.final, "INVITE", password), sdp)
            self._ack()

    def _ack(self) -> None:
        self._to = self.final.headers["to"]
        self._up = self.final.status == 200
        self.probe.send(self.compose("ACK", cseq=self._cseq))

    async def bye(self) -> int:
        self._up = False
        return (await self.request("BYE")).status

    def leave(self) -> None:
        """Hang up without waiting, for a test that failed on the way."""
        if self._up:
            self._up = False
            self.probe.send(self.compose("BYE"))

    def credentials(self, challenge: Message, method: str, password: str) -> str:
        """Answer a digest challenge (RFC 2617, MD5, qop=auth)."""
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.headers["www-authenticate"]))

        def digest(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        first, second = digest(f"{self.user}:{given['realm']}:{password}"), digest(f"{method}:{self._uri()}")
        response = digest(f"{first}:{given['nonce']}:00000001:abcd:auth:{second}")
        opaque = f',opaque="{given["opaque"]}"' if "opaque" in given else ""
        return (
            f'Authorization: Digest username="{self.user}",realm="{given["realm"]}",nonce="{given["nonce"]}",uri="{self._uri()}",'
            f'response="{response}",algorithm=MD5,cnonce="abcd",qop=auth,nc=00000001{opaque}\r\n'
        )


def ulaw_to_linear(data: bytes) -> npt.NDArray[np.int16]:
    """Decode G.711 mu-law (ITU-T G.711, table 2a) to 16-bit samples."""
    code = ~np.frombuffer(data, dtype=np.uint8)
    magnitude = ((((code & 0x0F).astype(np.int32) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


@asynccontextmanager
async def probe(host: str, server: tuple[str, int]) -> AsyncIterator[Probe]:
    """Open a probe for the length of the block."""
    opened = Probe(host, server)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()
