"""One UDP socket and the transactions on it: the thin shell around ``transaction``."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import TypeAlias

from ari_app.caller.outcome import NoResponse
from ari_app.caller.sip_address import NameAddr, Via, parse_cseq
from ari_app.caller.sip_message import Headers, SipError, SipRequest, SipResponse, parse
from ari_app.caller.transaction import (
    DEFAULT_TIMING,
    AckReceived,
    Action,
    Event,
    InviteClient,
    InviteServer,
    NonInviteClient,
    NonInviteServer,
    RequestRepeated,
    Respond,
    ResponseReceived,
    Start,
    TimerFired,
    Timing,
    Transaction,
)

_log = logging.getLogger(__name__)

Address: TypeAlias = tuple[str, int]
_MAGIC = "z9hG4bK"


class _Running:
    """A transaction with its timer."""

    def __init__(self, endpoint: "SipEndpoint", key: tuple[str, ...], machine: Transaction, address: Address) -> None:
        self._endpoint = endpoint
        self._key = key
        self._machine = machine
        self._address = address
        self._timer: asyncio.TimerHandle | None = None

    def step(self, event: Event) -> None:
        loop = asyncio.get_running_loop()
        actions = self._machine.step(event, loop.time())
        if self._timer is not None:
            self._timer.cancel()
        deadline = self._machine.deadline
        self._timer = None if deadline is None else loop.call_at(deadline, self.step, TimerFired())
        for action in actions:
            if action is Action.TERMINATED:
                self._endpoint.forget(self._key)
            else:
                self._perform(action)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _perform(self, action: Action) -> None:
        raise NotImplementedError


class ClientTransaction(_Running):
    """A request of ours. ``request`` must have its Via already."""

    def __init__(self, endpoint: "SipEndpoint", key: tuple[str, ...], request: SipRequest, address: Address, timing: Timing) -> None:
        machine = InviteClient(timing) if request.method == "INVITE" else NonInviteClient(timing)
        super().__init__(endpoint, key, machine, address)
        self.request = request
        self._latest: SipResponse | None = None
        self._responses: asyncio.Queue[SipResponse | None] = asyncio.Queue()

    async def response(self) -> SipResponse:
        """The next response: provisional ones, then the final one, then (INVITE) repeated 2xx. Raises NoResponse."""
        response = await self._responses.get()
        if response is None:
            raise NoResponse(0, f"{self._address[0]}:{self._address[1]} does not answer SIP over UDP")
        return response

    async def final(self) -> SipResponse:
        """The final response. Raises NoResponse."""
        while (response := await self.response()).status < 200:
            pass
        return response

    def receive(self, response: SipResponse) -> None:
        self._latest = response
        self.step(ResponseReceived(response.status))

    def _perform(self, action: Action) -> None:
        if action is Action.SEND:
            self._endpoint.transmit(self.request.build(), self._address)
        elif action is Action.DELIVER:
            self._responses.put_nowait(self._latest)
        elif action is Action.TIMED_OUT:
            self._responses.put_nowait(None)
        elif action is Action.SEND_ACK and self._latest is not None:
            self._endpoint.transmit(_refusal_ack(self.request, self._latest).build(), self._address)


class ServerTransaction(_Running):
    """A request that came to us."""

    def __init__(self, endpoint: "SipEndpoint", key: tuple[str, ...], request: SipRequest, address: Address, timing: Timing) -> None:
        machine = InviteServer(timing) if request.method == "INVITE" else NonInviteServer(timing)
        super().__init__(endpoint, key, machine, address)
        self.request = request
        self.unacknowledged = asyncio.Event()
        """Set when a final answer to an INVITE was never acknowledged."""
        self._latest = b""

    def respond(self, response: SipResponse) -> None:
        self._latest = response.build()
        self.step(Respond(response.status))

    def reply(self, status: int, reason: str, tag: str | None = None) -> None:
        """Respond without further headers."""
        self.respond(response_to(self.request, status, reason, tag))

    def _perform(self, action: Action) -> None:
        if action is Action.SEND:
            self._endpoint.transmit(self._latest, self._address)
        elif action is Action.TIMED_OUT:
            self.unacknowledged.set()


def response_to(request: SipRequest, status: int, reason: str, tag: str | None = None) -> SipResponse:
    """A response with the headers that must be copied (RFC 3261 8.2.6.2); ``tag`` is added to To when it has none."""
    headers = Headers(
        [(name, value) for name, value in request.headers.items() if name in ("Via", "From", "Call-ID", "CSeq", "Record-Route")]
    )
    to = request.headers.require("To")
    headers.add("To", f"{to};tag={tag}" if tag and NameAddr.parse(to).tag is None else to)
    return SipResponse(status, reason, headers)


def _refusal_ack(request: SipRequest, response: SipResponse) -> SipRequest:
    headers = Headers(
        [(name, value) for name, value in request.headers.items() if name in ("Via", "From", "Call-ID", "Route", "Max-Forwards")]
    )
    headers.add("To", response.headers.get("To") or request.headers.require("To"))
    headers.add("CSeq", f"{parse_cseq(request.headers.require('CSeq'))[0]} ACK")
    return SipRequest("ACK", request.uri, headers)


class SipEndpoint(asyncio.DatagramProtocol):
    """Open with ``await SipEndpoint.open(...)``, close with ``close()``."""

    def __init__(self, on_request: Callable[[SipRequest, ServerTransaction | None], None], timing: Timing) -> None:
        self._on_request = on_request
        self._timing = timing
        self._transport: asyncio.DatagramTransport | None = None
        self._clients: dict[tuple[str, ...], ClientTransaction] = {}
        self._servers: dict[tuple[str, ...], ServerTransaction] = {}
        self.local: Address = ("", 0)
        self.malformed = 0
        """Datagrams that were not SIP."""

    @classmethod
    async def open(
        cls, on_request: Callable[[SipRequest, ServerTransaction | None], None], local: Address, timing: Timing = DEFAULT_TIMING
    ) -> "SipEndpoint":
        """``local`` port 0 takes a free one. Raises SipError when the address cannot be bound."""
        endpoint = cls(on_request, timing)
        try:
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: endpoint, local_addr=local)
        except OSError as error:
            raise SipError(f"cannot use {local[0]}:{local[1]} for SIP: {error.strerror or error}; choose another port") from error
        endpoint._transport = transport
        endpoint.local = transport.get_extra_info("sockname")[:2]
        return endpoint

    def close(self) -> None:
        for transaction in [*self._clients.values(), *self._servers.values()]:
            transaction.close()
        self._clients.clear()
        self._servers.clear()
        if self._transport is not None:
            self._transport.close()

    def request(self, request: SipRequest, address: Address) -> ClientTransaction:
        """Send a request in a transaction of its own; adds the Via."""
        self._add_via(request, _MAGIC + secrets.token_hex(10))
        return self._run_client(request, address)

    def cancel(self, transaction: ClientTransaction, address: Address) -> ClientTransaction:
        """CANCEL an INVITE of ours: same Via, From, To, Call-ID and CSeq number (9.1)."""
        invite = transaction.request
        kept = [
            (name, value) for name, value in invite.headers.items() if name in ("Via", "From", "To", "Call-ID", "Route", "Max-Forwards")
        ]
        request = SipRequest("CANCEL", invite.uri, Headers(kept))
        request.headers.add("CSeq", f"{parse_cseq(invite.headers.require('CSeq'))[0]} CANCEL")
        return self._run_client(request, address)

    def acknowledge(self, request: SipRequest, address: Address) -> None:
        """Send the ACK of a 2xx: no transaction (13.2.2.4)."""
        self._add_via(request, _MAGIC + secrets.token_hex(10))
        self.transmit(request.build(), address)

    def invite_of(self, cancel: SipRequest) -> ServerTransaction | None:
        """The INVITE that a CANCEL is about."""
        return self._servers.get(_server_key(cancel, "INVITE"))

    def acknowledged(self, call_id: str, number: int) -> None:
        """The ACK of a 2xx has a branch of its own, so it is matched by call and CSeq number (13.3.1.4)."""
        for key, transaction in list(self._servers.items()):
            if key[-1] == "INVITE" and key[3] == str(number) and transaction.request.headers.get("Call-ID") == call_id:
                transaction.step(AckReceived())

    def transmit(self, data: bytes, address: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, address)

    def forget(self, key: tuple[str, ...]) -> None:
        self._clients.pop(key, None)
        self._servers.pop(key, None)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        if not data.strip(b"\r\n\0"):
            return  # keep-alive
        try:
            message = parse(data)
            if isinstance(message, SipResponse):
                self._receive_response(message)
            else:
                self._receive_request(message, (str(addr[0]), addr[1]))
        except SipError as error:
            self.malformed += 1
            _log.debug("sip_malformed", extra={"problem": str(error)})

    def error_received(self, exc: Exception) -> None:
        _log.debug("sip_socket_error", extra={"problem": str(exc)})  # the transaction's timer reports it to the caller

    def _run_client(self, request: SipRequest, address: Address) -> ClientTransaction:
        key = ("client", Via.parse(request.headers.require("Via")).branch, request.method)
        transaction = ClientTransaction(self, key, request, address, self._timing)
        self._clients[key] = transaction
        transaction.step(Start())
        return transaction

    def _add_via(self, request: SipRequest, branch: str) -> None:
        request.headers.insert_first("Via", f"SIP/2.0/UDP {self.local[0]}:{self.local[1]};rport;branch={branch}")

    def _receive_response(self, response: SipResponse) -> None:
        method = parse_cseq(response.headers.require("CSeq"))[1]
        transaction = self._clients.get(("client", Via.parse(response.headers.require("Via")).branch, method))
        if transaction is not None:
            transaction.receive(response)

    def _receive_request(self, request: SipRequest, source: Address) -> None:
        key = _server_key(request, "INVITE" if request.method == "ACK" else request.method)
        known = self._servers.get(key)
        if request.method == "ACK":
            if known is not None:
                known.step(AckReceived())
            self._on_request(request, known)
            return
        if known is not None:
            known.step(RequestRepeated())
            return
        for name in ("From", "To", "Call-ID"):
            request.headers.require(name)
        transaction = ServerTransaction(self, key, request, source, self._timing)
        self._servers[key] = transaction
        transaction.step(Start())
        try:
            self._on_request(request, transaction)
        except SipError as error:
            self.malformed += 1
            _log.debug("sip_bad_request", extra={"problem": str(error)})
            transaction.reply(400, "Bad Request")


def _server_key(request: SipRequest, method: str) -> tuple[str, ...]:
    via = Via.parse(request.headers.require("Via"))
    number, stated = parse_cseq(request.headers.require("CSeq"))
    if stated != request.method:
        raise SipError(f"CSeq says {stated}, the request is {request.method}")
    return ("server", via.branch, f"{via.host}:{via.port}", str(number), method)
