"""Broken SIP, repeatable: whole requests with bytes changed, cut, doubled, and headers that lie."""

import asyncio
import contextlib
import random

_METHODS = (
    "INVITE",
    "REGISTER",
    "OPTIONS",
    "BYE",
    "CANCEL",
    "ACK",
    "SUBSCRIBE",
    "NOTIFY",
    "REFER",
    "MESSAGE",
    "UPDATE",
    "PRACK",
    "INFO",
    "XYZZY",
)
_SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
_LIES = (
    ("Content-Length", "-1"), ("Content-Length", "99999999999"), ("CSeq", "99999999999999 INVITE"), ("CSeq", "1 BYE"),
    ("Max-Forwards", "-5"), ("Require", "100rel"),
    ("Contact", "<sip:@@:99999>"), ("Contact", "*"), ("Expires", "4294967296"), ("Via", "SIP/2.0/UDP"), ("To", "<sip:"), ("From", '"'),
    ("Content-Type", "multipart/mixed;boundary="), ("Route", "<sip:127.0.0.1:1;lr>"), ("Authorization", 'Digest username="1001", nonce=""'),
    ("Replaces", "x;from-tag=y;to-tag=z"), ("Refer-To", "<sip:2001@127.0.0.1>"), ("Session-Expires", "1;refresher=nobody"),
)  # fmt: skip


def datagrams(chance: random.Random, count: int) -> list[bytes]:
    """No message among them dials a number that exists, so that none of them can become a call."""
    return [_broken(chance, _request(chance, number)) for number in range(count)]


def _request(chance: random.Random, number: int) -> bytes:
    method = chance.choice(_METHODS)
    branch = chance.getrandbits(64)
    headers = [
        ("Via", f"SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK{branch:x}"),
        ("From", f"<sip:{chance.choice(('5550100', '1001', 'nobody'))}@127.0.0.1>;tag={branch:x}"),
        ("To", "<sip:nowhere@127.0.0.1>"),
        ("Call-ID", f"fuzz-{number}-{branch:x}"),
        ("CSeq", f"{number} {method}"),
        ("Max-Forwards", "70"),
        ("Contact", "<sip:x@127.0.0.1:9>"),
        ("Content-Type", "application/sdp"),
    ]
    for name, value in chance.sample(_LIES, chance.randrange(3)):
        headers = [(key, old) for key, old in headers if key != name or chance.random() < 0.5] + [(name, value)]
    body = _SDP if chance.random() < 0.7 else ""
    lines = [
        f"{method} sip:nowhere@127.0.0.1 SIP/2.0",
        *(f"{name}: {value}" for name, value in headers),
        f"Content-Length: {len(body)}",
        "",
        body,
    ]
    return "\r\n".join(lines).encode()


def _broken(chance: random.Random, message: bytes) -> bytes:
    kind = chance.randrange(6)
    data = bytearray(message)
    if kind == 0:
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind == 1:
        del data[chance.randrange(len(data)) :]
    elif kind == 2:
        start = chance.randrange(len(data))
        data[start:start] = data[start : start + 200] * 5
    elif kind == 3:
        data = data.replace(b": ", b": " + bytes([chance.randrange(256)]) * chance.choice((1, 300, 4000)), 3)
    elif kind == 4:
        data = bytearray(chance.randbytes(chance.randrange(1, 1200)))
    return bytes(data[:60_000])  # kind 5: as it is


async def stream_garbage(port: int, chance: random.Random) -> None:
    """A few TCP connections: noise, half a message, a message without end, nothing at all."""
    for data in (
        chance.randbytes(3000),
        b"INVITE sip:nowhere@127.0.0.1 SIP/2.0\r\nVia: ",
        b"OPTIONS " + b"x" * 100_000,
        b"",
        b"\r\n\r\n" * 500,
    ):
        with contextlib.suppress(ConnectionError):  # being thrown out is a good answer
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
