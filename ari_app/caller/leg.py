"""What an outgoing and an incoming call have in common once a dialog exists."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import quote

from ari_app.caller import sdp
from ari_app.caller.dialog import Dialog
from ari_app.caller.outcome import NoResponse
from ari_app.caller.sip_address import NameAddr, parse_cseq
from ari_app.caller.sip_endpoint import ServerTransaction, SipEndpoint, response_to
from ari_app.caller.sip_message import SipParseError, SipRequest
from ari_app.media.g711 import Law

_FINAL = re.compile(rb"SIP/2\.0 [2-6]\d\d")
"""In the NOTIFY that follows a REFER: how the call it asked for ended up (RFC 3420)."""
EndReason: TypeAlias = Literal["local_hangup", "remote_hangup", "failed", "unacknowledged"]
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY"


@dataclass(frozen=True, slots=True)
class MediaOffer:
    """Where and how we take audio."""

    host: str
    port: int
    laws: tuple[Law, ...] = ("ulaw", "alaw")
    ptime: int = 20
    events: bool = True
    extra_formats: tuple[tuple[int, str], ...] = ()
    """Payload types to offer that we cannot speak; with empty ``laws`` an offer that must be refused with 488."""

    def describe(self, *, version: int = 1, laws: tuple[Law, ...] | None = None, direction: sdp.Direction = "sendrecv") -> bytes:
        chosen = self.laws if laws is None else laws
        event_type = sdp.EVENT_PAYLOAD_TYPE if self.events else None
        return sdp.build(
            self.host, self.port, chosen, event_type=event_type, ptime=self.ptime, direction=direction, version=version,
            extra_formats=self.extra_formats,
        )  # fmt: skip


@dataclass(slots=True)
class Times:
    """Seconds on ``time.monotonic()``; None while it has not happened."""

    invite: float
    ringing: float | None = None
    early_media: float | None = None
    answered: float | None = None
    ended: float | None = None


@dataclass(slots=True)
class Hold:
    """What a re-INVITE made of our direction, with its time: the call's history of hold and resume."""

    at: float
    direction: sdp.Direction


@dataclass(eq=False)
class Leg:
    """One call. ``on_media`` is called with every description of theirs, the early one included."""

    endpoint: SipEndpoint
    media: MediaOffer
    on_media: Callable[[sdp.RemoteAudio], None]
    times: Times
    dialog: Dialog | None = None
    remote_audio: sdp.RemoteAudio | None = None
    end_reason: EndReason | None = None
    holds: list[Hold] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    given_on: asyncio.Event = field(default_factory=asyncio.Event)
    """What ``refer`` asked for is done or has failed, so the other side says."""
    requests: list[SipRequest] = field(default_factory=list)
    """Requests received inside the dialog, in order."""
    _version: int = 1

    async def hangup(self) -> None:
        """BYE an answered call and wait until it is confirmed; does nothing when the call is over."""
        if not self.ended.is_set():
            await self.bye()

    async def bye(self) -> None:
        """BYE whatever we believe about the call; returns when it is confirmed or nobody answers."""
        if self.dialog is None:
            return
        self.finish("local_hangup")
        try:
            await self.endpoint.request(self.dialog.request("BYE"), self.dialog.destination()).final()
        except NoResponse:
            return  # the other side is gone: over all the same

    async def refer(self, uri: str, instead_of: Dialog | None = None) -> int:
        """Ask the other side to call ``uri`` instead of us (RFC 3515); returns its answer: 202 when it will try. Raises NoResponse.

        ``instead_of``: our other call to there, whose place theirs shall take (RFC 3891).
        """
        if self.dialog is None:
            raise SipParseError("REFER without a dialog")
        request = self.dialog.request("REFER")
        replaces = f"?Replaces={quote(instead_of.replaces, safe='')}" if instead_of is not None else ""
        request.headers.add("Refer-To", f"<{uri}{replaces}>")
        request.headers.add("Referred-By", f"<{NameAddr.parse(self.dialog.local).uri}>")
        return (await self.endpoint.request(request, self.dialog.destination()).final()).status

    async def hold(self) -> int:
        """Re-INVITE with sendonly, as a telephone does that puts somebody on hold (RFC 3264 section 8.4); returns the final status.

        Raises NoResponse.
        """
        if self.dialog is None:
            raise SipParseError("hold without a dialog")
        self._version += 1
        request = self.dialog.request("INVITE")
        request.headers.add("Content-Type", "application/sdp")
        request.body = self.media.describe(version=self._version, direction="sendonly")
        response = await self.endpoint.request(request, self.dialog.destination()).final()
        if response.status < 300:
            self.endpoint.acknowledge(self.dialog.request("ACK", cseq=self.dialog.local_cseq), self.dialog.destination())
        return response.status

    def finish(self, reason: EndReason) -> None:
        if not self.ended.is_set():
            self.end_reason, self.times.ended = reason, time.monotonic()
            self.ended.set()

    def receive(self, request: SipRequest, transaction: ServerTransaction) -> None:
        """A request inside the dialog. Raises SipParseError or SdpError for what cannot be read."""
        dialog = self.dialog
        if dialog is None:
            transaction.reply(481, "Call/Transaction Does Not Exist")
            return
        number, method = parse_cseq(request.headers.require("CSeq"))
        if number <= dialog.remote_cseq:
            transaction.reply(500, "CSeq Out Of Order")
            return
        dialog.remote_cseq = number
        self.requests.append(request)
        if method == "BYE":
            transaction.reply(200, "OK")
            self.finish("remote_hangup")
        elif method == "INVITE":
            self._reinvite(request, transaction)
        elif method in ("OPTIONS", "NOTIFY"):
            transaction.reply(200, "OK")
            if method == "NOTIFY" and _FINAL.match(request.body):
                self.given_on.set()
        else:
            response = response_to(request, 405, "Method Not Allowed")
            response.headers.add("Allow", ALLOW)
            transaction.respond(response)

    def take_media(self, body: bytes) -> sdp.RemoteAudio:
        """Remember and pass on their description. Raises SdpError."""
        self.remote_audio = sdp.parse(body)
        self.on_media(self.remote_audio)
        return self.remote_audio

    def _reinvite(self, request: SipRequest, transaction: ServerTransaction) -> None:
        if self.dialog is None:
            raise SipParseError("re-INVITE without a dialog")
        direction: sdp.Direction = "sendrecv"
        laws: tuple[Law, ...] | None = None
        if request.body:
            remote = sdp.parse(request.body)
            try:
                laws = (remote.select(self.media.laws),)
            except sdp.SdpError:
                transaction.reply(488, "Not Acceptable Here")
                return
            direction = sdp.answer_direction(remote.direction)
            self.take_media(request.body)
        self.holds.append(Hold(time.monotonic(), direction))
        self._version += 1
        response = response_to(request, 200, "OK")
        response.headers.add("Contact", self.dialog.contact)
        response.headers.add("Content-Type", "application/sdp")
        response.body = self.media.describe(version=self._version, laws=laws, direction=direction)
        transaction.respond(response)
