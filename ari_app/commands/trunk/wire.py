"""One SIP request and its answer over UDP, TCP or TLS, apart from Asterisk."""

import asyncio
import secrets
import ssl
from dataclasses import dataclass
from typing import Final

from ari_app.caller.digest import authorization, best_challenge
from ari_app.caller.sip_address import Via
from ari_app.caller.sip_message import Headers, SipError, SipParseError, SipRequest, SipResponse, parse

LIMIT_S: Final = 6.0
_REPEAT_S: Final = (0.5, 1.0, 2.0)


class Silent(SipError):
    """No answer in time, or the way there is closed."""


@dataclass(frozen=True, slots=True)
class Exchange:
    response: SipResponse
    local: str
    """Our address on this way."""
    seen: str | None
    """Our address as the other side saw it; None when it does not tell."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach a server."""

    address: str
    port: int
    transport: str
    tls: ssl.SSLContext | None = None
    name: str = ""
    """Whom the certificate must be for."""


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes | OSError] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.inbox.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self.inbox.put_nowait(exc)


async def ask(way: Way, method: str, uri: str, address_of_record: str, contact: str | None = None) -> Exchange:
    """Raises Silent, ssl.SSLError, OSError (TCP and TLS), SipError."""
    return await _send(way, _request(way, method, uri, address_of_record, contact))


async def ask_with_password(
    way: Way, method: str, uri: str, address_of_record: str, challenged: Exchange, user: str, password: str
) -> Exchange:
    """The same again, answering the challenge. Raises as ``ask``, and DigestError."""
    request = _request(way, method, uri, address_of_record, None)
    name, asked = (
        ("Authorization", "WWW-Authenticate") if challenged.response.status == 401 else ("Proxy-Authorization", "Proxy-Authenticate")
    )
    challenge = best_challenge(challenged.response.headers.all(asked))
    request.headers.set(name, authorization(challenge, user=user, password=password, method=method, uri=uri))
    return await _send(way, request)


def _request(way: Way, method: str, uri: str, address_of_record: str, contact: str | None) -> SipRequest:
    sender = f"<{address_of_record}>"
    headers = Headers([("Max-Forwards", "70"), ("From", f"{sender};tag={secrets.token_hex(6)}"), ("To", sender)])
    headers.add("Call-ID", secrets.token_hex(12))
    headers.add("CSeq", f"{secrets.randbelow(10_000) + 1} {method}")
    headers.add("User-Agent", "Patchcord")
    if contact is not None:
        headers.add("Contact", contact)
    return SipRequest(method, uri, headers)


async def _send(way: Way, request: SipRequest) -> Exchange:
    exchange = _by_datagram if way.transport == "udp" else _by_stream
    try:
        return await asyncio.wait_for(exchange(way, request), LIMIT_S)
    except TimeoutError:
        raise Silent("no answer") from None


def _with_via(way: Way, request: SipRequest, local: tuple[str, int]) -> bytes:
    branch = f"z9hG4bK{secrets.token_hex(10)}"
    request.headers.insert_first("Via", f"SIP/2.0/{way.transport.upper()} {local[0]}:{local[1]};rport;branch={branch}")
    return request.build()


async def _by_datagram(way: Way, request: SipRequest) -> Exchange:
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(_Datagrams, remote_addr=(way.address, way.port))
    try:
        local = transport.get_extra_info("sockname")[:2]
        data = _with_via(way, request, local)
        for wait_s in (*_REPEAT_S, LIMIT_S):
            transport.sendto(data)
            try:
                async with asyncio.timeout(wait_s):
                    while True:
                        came = await protocol.inbox.get()
                        if isinstance(came, OSError):
                            raise Silent(f"nothing listens there ({came.strerror})")
                        if (response := _final(came)) is not None:
                            return _exchange(response, local[0])
            except TimeoutError:
                continue
        raise Silent("no answer")
    finally:
        transport.close()


async def _by_stream(way: Way, request: SipRequest) -> Exchange:
    host = way.name if way.tls is not None else None
    reader, writer = await asyncio.open_connection(way.address, way.port, ssl=way.tls, server_hostname=host)
    try:
        local = writer.get_extra_info("sockname")[:2]
        writer.write(_with_via(way, request, local))
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if (head := head.lstrip(b"\r\n")) == b"":
                continue
            length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
            body = await reader.readexactly(min(length, 65_535))
            if (response := _final(head + body)) is not None:
                return _exchange(response, local[0])
    except asyncio.IncompleteReadError as error:
        raise Silent("the connection was closed without an answer") from error
    finally:
        writer.close()


def _final(data: bytes) -> SipResponse | None:
    try:
        message = parse(data)
    except SipParseError:
        return None
    return message if isinstance(message, SipResponse) and message.status >= 200 else None


def _exchange(response: SipResponse, local: str) -> Exchange:
    via = response.headers.get("Via")
    seen = Via.parse(via).params.get("received") if via is not None else None
    return Exchange(response, local, seen)
