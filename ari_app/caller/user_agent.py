"""A telephone: registers, places and takes calls, on one UDP port (see ``sip_message`` for why it is our own)."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from ari_app.caller import sdp
from ari_app.caller.dialog import new_tag
from ari_app.caller.incoming import IncomingCall
from ari_app.caller.leg import ALLOW, Leg, MediaOffer
from ari_app.caller.outcome import failure
from ari_app.caller.outgoing import Credentials, Identity, OutgoingCall
from ari_app.caller.sip_address import parse_cseq
from ari_app.caller.sip_endpoint import ServerTransaction, SipEndpoint, response_to
from ari_app.caller.sip_message import Headers, SipError, SipRequest
from ari_app.caller.transaction import DEFAULT_TIMING, Timing

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SipTarget:
    """The PBX, and the account to use there; without ``user`` we are a trunk known by its address."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    caller_id: str = "5550100"
    """User part of From when there is no account."""
    display: str = "Scripted caller"

    @property
    def credentials(self) -> Credentials | None:
        return Credentials(self.user, self.password) if self.user is not None and self.password is not None else None


class UserAgent:
    """``async with await UserAgent.open(target) as agent:``; closing ends its calls and its registration."""

    def __init__(self, target: SipTarget) -> None:
        self.target = target
        self.incoming: asyncio.Queue[IncomingCall] = asyncio.Queue()
        """Calls to us, in order. Responding is up to whoever takes them out."""
        self._endpoint: SipEndpoint
        self._calls: dict[str, Leg] = {}
        self._registration = _Registration()
        self._refresh: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, target: SipTarget, *, bind: str = "127.0.0.1", port: int = 0, timing: Timing = DEFAULT_TIMING) -> "UserAgent":
        """Raises SipError when the port cannot be bound."""
        agent = cls(target)
        agent._endpoint = await SipEndpoint.open(agent._on_request, (bind, port), timing)
        return agent

    async def __aenter__(self) -> "UserAgent":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def local(self) -> tuple[str, int]:
        return self._endpoint.local

    @property
    def malformed(self) -> int:
        """Datagrams received that were not SIP."""
        return self._endpoint.malformed

    async def close(self) -> None:
        for call in list(self._calls.values()):
            await self.release(call)
        if self._registration.active:
            with contextlib.suppress(SipError):
                await self.unregister()
        self._endpoint.close()

    async def register(self, expires: int = 300) -> None:
        """REGISTER and keep it fresh. Raises CallFailed (Unauthorized for a wrong password)."""
        await self._register(expires)
        self._registration.active = True
        self._refresh = asyncio.create_task(self._keep_registered(expires), name="sip registration")

    async def unregister(self) -> None:
        """Raises CallFailed."""
        if self._refresh is not None:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)
        self._registration.active = False
        await self._register(0)

    async def invite(
        self, number: str, media: MediaOffer, on_media: Callable[[sdp.RemoteAudio], None], headers: list[tuple[str, str]] | None = None
    ) -> OutgoingCall:
        """Place a call; returns at once. ``on_media`` is told where to send audio, first by early media if there is some."""
        target = self.target
        identity = Identity(target.display, self._address_of_record(), f"<{self._contact()}>", target.credentials)
        call = OutgoingCall(
            self._endpoint,
            identity,
            f"sip:{number}@{target.host}:{target.port}",
            (target.host, target.port),
            media,
            on_media,
            headers or [],
        )
        self._calls[call.call_id] = call
        return call

    async def release(self, call: Leg) -> None:
        """End a call and forget it, so that a telephone of many calls stays small."""
        await call.hangup()
        if isinstance(call, OutgoingCall):
            await call.close()
        self._calls = {key: other for key, other in self._calls.items() if other is not call}

    def _user(self) -> str:
        return self.target.user or self.target.caller_id

    def _contact(self) -> str:
        return f"sip:{self._user()}@{self.local[0]}:{self.local[1]}"

    def _address_of_record(self) -> str:
        # A trunk says its own host in From, as a carrier does; an account belongs to the PBX.
        host = f"{self.target.host}:{self.target.port}" if self.target.user else self.local[0]
        return f"sip:{self._user()}@{host}"

    async def _keep_registered(self, expires: int) -> None:
        while True:
            await asyncio.sleep(expires / 2)
            try:
                await self._register(expires)
            except SipError as error:
                _log.warning("sip_registration_lost", extra={"problem": str(error)})

    async def _register(self, expires: int) -> None:
        request = self._registration_request(expires)
        response = await self._endpoint.request(request, (self.target.host, self.target.port)).final()
        if response.status in (401, 407) and self.target.credentials is not None:
            request = self._registration_request(expires)
            self.target.credentials.answer(request, response)
            response = await self._endpoint.request(request, (self.target.host, self.target.port)).final()
        if response.status >= 300:
            raise failure(response.status, response.reason)

    def _registration_request(self, expires: int) -> SipRequest:
        state, address = self._registration, f"<{self._address_of_record()}>"
        state.cseq += 1
        headers = Headers([("Max-Forwards", "70"), ("From", f"{address};tag={state.tag}"), ("To", address), ("Call-ID", state.call_id)])
        for name, value in (("CSeq", f"{state.cseq} REGISTER"), ("Contact", f"<{self._contact()}>"), ("Expires", str(expires))):
            headers.add(name, value)
        return SipRequest("REGISTER", f"sip:{self.target.host}:{self.target.port}", headers)

    def _on_request(self, request: SipRequest, transaction: ServerTransaction | None) -> None:
        call = self._calls.get(request.headers.require("Call-ID"))
        if transaction is None or request.method == "ACK":
            self._on_ack(request, call)
        elif request.method == "CANCEL":
            self._on_cancel(request, transaction)
        elif "tag=" in request.headers.require("To"):
            if call is None:
                transaction.reply(481, "Call/Transaction Does Not Exist")
            else:
                call.receive(request, transaction)
        elif request.method == "INVITE":
            incoming = IncomingCall(self._endpoint, transaction, f"<{self._contact()}>")
            self._calls[incoming.request.headers.require("Call-ID")] = incoming
            self.incoming.put_nowait(incoming)
        else:
            self._on_other(request, transaction)

    def _on_ack(self, request: SipRequest, call: Leg | None) -> None:
        number, _ = parse_cseq(request.headers.require("CSeq"))
        self._endpoint.acknowledged(request.headers.require("Call-ID"), number)
        if isinstance(call, IncomingCall):
            call.acknowledge(request.body)

    def _on_cancel(self, request: SipRequest, transaction: ServerTransaction) -> None:
        invite = self._endpoint.invite_of(request)
        if invite is None:
            transaction.reply(481, "Call/Transaction Does Not Exist")
            return
        transaction.reply(200, "OK")
        call = self._calls.get(request.headers.require("Call-ID"))
        if isinstance(call, IncomingCall):
            call.cancel()

    def _on_other(self, request: SipRequest, transaction: ServerTransaction) -> None:
        known = request.method in ("OPTIONS", "NOTIFY")
        response = response_to(request, 200 if known else 405, "OK" if known else "Method Not Allowed", new_tag())
        response.headers.add("Allow", ALLOW)
        transaction.respond(response)


class _Registration:
    """Call-ID and CSeq stay the same row for all REGISTERs of one telephone (10.2)."""

    def __init__(self) -> None:
        self.call_id = secrets.token_hex(12)
        self.tag = new_tag()
        self.cseq = 0
        self.active = False
