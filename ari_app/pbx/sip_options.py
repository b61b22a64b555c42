"""Whether a SIP server answers at all: one OPTIONS over UDP. A refusal is an answer as good as any."""

import asyncio
import re
import secrets
import socket

from dialplan.generated import WATCH_HEADER

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared with, not bound to
_MOST = 65_535
_STATUS = re.compile(rb"SIP/2\.0 ([1-6][0-9]{2}) ")


def reachable(bind: str) -> str:
    """Return the address at which a server on this machine that listens at ``bind`` is reached."""
    return _ANY.get(bind, bind)


async def answer_of(host: str, port: int, word: str, limit_s: float) -> int | None:
    """Return the status that the server at this address answers within ``limit_s`` seconds; None when it does not answer.

    ``word``: by which an Asterisk with our ``patchcord.d/pjsip.conf`` knows who asks. Another one takes us for a stranger: its log says so.
    """
    try:
        async with asyncio.timeout(limit_s):
            family, kind, _, _, where = (await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0]
            with socket.socket(family, kind) as line:
                line.setblocking(False)
                line.connect(where)  # so that nobody else can answer and a closed port is told at once
                return await _asked(line, word)
    except (OSError, TimeoutError):
        return None


async def _asked(line: socket.socket, word: str) -> int:
    loop = asyncio.get_running_loop()
    call = f"{secrets.token_hex(12)}@patchcord"
    await loop.sock_sendall(line, _options(line.getpeername(), line.getsockname(), call, word).encode())
    while True:
        answer = await loop.sock_recv(line, _MOST)
        if (status := _STATUS.match(answer)) and call.encode() in answer:
            return int(status[1])


def _options(peer: tuple[str, int], own: tuple[str, int], call: str, word: str) -> str:
    there, here = _with_port(peer[0], peer[1]), _with_port(own[0], own[1])
    lines = (
        f"OPTIONS sip:{there} SIP/2.0",
        f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{secrets.token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:patchcord-watch@{here}>;tag={secrets.token_hex(6)}",
        f"To: <sip:{there}>",
        f"Call-ID: {call}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:patchcord-watch@{here}>",
        f"{WATCH_HEADER}: {word}",
        "Content-Length: 0",
    )
    return "\r\n".join(lines) + "\r\n\r\n"


def _with_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
