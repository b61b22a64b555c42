"""A call that we place: INVITE with authentication, early media, answer, CANCEL (RFC 3261 sections 9, 13, 22)."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ari_app.caller import sdp
from ari_app.caller.dialog import Dialog, new_tag
from ari_app.caller.digest import DigestError, authorization, best_challenge
from ari_app.caller.leg import ALLOW, Leg, MediaOffer, Times
from ari_app.caller.outcome import CallFailed, NoResponse, failure
from ari_app.caller.sip_address import parse_cseq
from ari_app.caller.sip_endpoint import Address, ClientTransaction, SipEndpoint
from ari_app.caller.sip_message import Headers, SipError, SipRequest, SipResponse

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str

    def answer(self, request: SipRequest, response: SipResponse) -> None:
        """Add what a 401 or 407 asks for to a repeated request. Raises DigestError."""
        name, asked = ("Authorization", "WWW-Authenticate") if response.status == 401 else ("Proxy-Authorization", "Proxy-Authenticate")
        challenge = best_challenge(response.headers.all(asked))
        value = authorization(challenge, user=self.user, password=self.password, method=request.method, uri=request.uri)
        request.headers.set(name, value)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls: ``address`` is the From URI without tag, ``contact`` the whole Contact value."""

    display: str
    address: str
    contact: str
    credentials: Credentials | None


class OutgoingCall(Leg):
    """Made by UserAgent.invite; ``await answered()`` next."""

    def __init__(
        self, endpoint: SipEndpoint, identity: Identity, target: str, address: Address, media: MediaOffer,
        on_media: Callable[[sdp.RemoteAudio], None], extra: list[tuple[str, str]],
    ) -> None:  # fmt: skip
        super().__init__(endpoint, media, on_media, Times(time.monotonic()))
        self.call_id = secrets.token_hex(12)
        self.statuses: list[int] = []
        """Every status received for the INVITE, in order, repeated ones too."""
        self.answer: SipResponse | None = None
        self._identity = identity
        self._address = address
        self._transaction: ClientTransaction | None = None
        self._heard = asyncio.Event()  # a provisional or final response: CANCEL is allowed from here on
        self._settled: asyncio.Future[CallFailed | None] = asyncio.get_running_loop().create_future()
        self._cancelled = False
        self._request = self._invite(target, extra)
        self._task = asyncio.create_task(self._run(), name=f"call {target}")

    async def answered(self) -> None:
        """Wait for the answer. Raises CallFailed (see ``outcome``) when there is none."""
        problem = await asyncio.shield(self._settled)
        if problem is not None:
            raise problem

    async def hangup(self) -> None:
        """CANCEL while it rings, BYE afterwards; returns when the other side has confirmed or stays silent."""
        if not self._settled.done():
            await self._cancel()
        if self._settled.result() is None:
            await super().hangup()
        else:
            self.finish("failed")

    async def close(self) -> None:
        """Stop listening for repeated answers; the call should be over by now."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _cancel(self) -> None:
        self._cancelled = True
        heard = asyncio.create_task(self._heard.wait())
        pending: list[asyncio.Future[Any]] = [heard, self._settled]
        await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()
        if not self._settled.done() and self._transaction is not None:
            try:
                await self.endpoint.cancel(self._transaction, self._address).final()
                await asyncio.wait_for(asyncio.shield(self._settled), 5.0)
            except (NoResponse, TimeoutError):
                pass  # they neither confirm nor refuse: we stop waiting (9.1)
        if not self._settled.done():
            self._settle(failure(487, "Request Terminated"))

    def _invite(self, target: str, extra: list[tuple[str, str]]) -> SipRequest:
        identity = self._identity
        display = f'"{identity.display}" ' if identity.display else ""
        headers = Headers([("Max-Forwards", "70"), ("From", f"{display}<{identity.address}>;tag={new_tag()}"), ("To", f"<{target}>")])
        for name, value in [("Call-ID", self.call_id), ("CSeq", "1 INVITE"), ("Contact", identity.contact), ("Allow", ALLOW), *extra]:
            headers.add(name, value)
        headers.add("Content-Type", "application/sdp")
        return SipRequest("INVITE", target, headers, self.media.describe())

    async def _run(self) -> None:
        try:
            await self._exchange()
        except SipError as error:
            problem = error if isinstance(error, CallFailed) else failure(0, f"the answer cannot be used: {error}")
            self._settle(problem)
            self.finish("failed")

    async def _exchange(self) -> None:
        attempts = 0
        self._transaction = self.endpoint.request(self._request, self._address)
        while True:
            response = await self._transaction.response()
            self.statuses.append(response.status)
            self._heard.set()
            if response.status < 200:
                self._provisional(response)
            elif response.status < 300:
                await self._accepted(response)
            elif response.status in (401, 407) and self._identity.credentials is not None and attempts < 2 and not self._cancelled:
                attempts += 1
                self._repeat_with(response, attempts)
            else:
                raise failure(response.status, response.reason)

    def _repeat_with(self, response: SipResponse, attempts: int) -> None:
        credentials = self._identity.credentials
        if credentials is None or (attempts == 2 and "stale=true" not in str(response.headers).lower()):
            raise failure(response.status, response.reason)
        number = parse_cseq(self._request.headers.require("CSeq"))[0] + 1
        kept = [(name, value) for name, value in self._request.headers.items() if name != "Via"]
        self._request = SipRequest("INVITE", self._request.uri, Headers(kept), self._request.body)
        self._request.headers.set("CSeq", f"{number} INVITE")
        try:
            credentials.answer(self._request, response)
        except DigestError as error:
            raise failure(response.status, str(error)) from error
        self._heard.clear()
        self._transaction = self.endpoint.request(self._request, self._address)

    def _provisional(self, response: SipResponse) -> None:
        now = time.monotonic()
        if response.status > 100 and self.times.ringing is None:
            self.times.ringing = now
        if response.body:
            try:
                self.take_media(response.body)
            except sdp.SdpError as error:
                _log.debug("early_media_unusable", extra={"problem": str(error)})  # the final answer may still be good
            else:
                self.times.early_media = self.times.early_media or now

    async def _accepted(self, response: SipResponse) -> None:
        first = self.answer is None
        dialog = Dialog.of_response(self._request, response, self._identity.contact)
        if first:
            self.times.answered, self.answer, self.dialog = time.monotonic(), response, dialog
        self.endpoint.acknowledge(dialog.request("ACK", cseq=dialog.local_cseq), dialog.destination())
        if not first:
            return
        try:
            self.take_media(response.body)
        except sdp.SdpError as error:
            await self.bye()
            raise failure(488, f"the answer's description cannot be used: {error}") from error
        if self._settled.done():
            await self.bye()  # the answer crossed our CANCEL and we had given up: nobody may be left on the line
        self._settle(None)

    def _settle(self, problem: CallFailed | None) -> None:
        if not self._settled.done():
            self._settled.set_result(problem)
