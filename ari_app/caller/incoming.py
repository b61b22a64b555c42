"""A call that comes to us: ring, answer, decline, be cancelled."""

import asyncio
import time
from collections.abc import Callable

from ari_app.caller import sdp
from ari_app.caller.dialog import Dialog, new_tag
from ari_app.caller.leg import ALLOW, Leg, MediaOffer, Times
from ari_app.caller.sip_address import NameAddr, SipUri
from ari_app.caller.sip_endpoint import ServerTransaction, SipEndpoint, response_to
from ari_app.caller.sip_message import Headers


class IncomingCall(Leg):
    """Answer it, reject it, or leave it alone: an ignored call is simply never responded to."""

    def __init__(self, endpoint: SipEndpoint, transaction: ServerTransaction, contact: str) -> None:
        super().__init__(endpoint, MediaOffer("", 0), lambda _: None, Times(time.monotonic()))
        self.request = transaction.request
        self.cancelled = asyncio.Event()
        """The caller gave up before we answered."""
        self.acknowledged = asyncio.Event()
        self._transaction = transaction
        self._tag = new_tag()
        self.dialog = Dialog.of_request(self.request, contact, self._tag)
        self.offer = sdp.parse(self.request.body) if self.request.body else None

    @property
    def headers(self) -> Headers:
        """Everything on the INVITE, such as ``X-Patchcord-Card``."""
        return self.request.headers

    @property
    def caller(self) -> tuple[str, str]:
        """Display name and user part of From."""
        sender = NameAddr.parse(self.request.headers.require("From"))
        return sender.display, SipUri.parse(sender.uri).user

    def ring(self) -> None:
        """180 Ringing."""
        self._provisional(180, "Ringing", b"")
        self.times.ringing = time.monotonic()

    def early_media(self, media: MediaOffer, on_media: Callable[[sdp.RemoteAudio], None]) -> None:
        """183 with a description, so that the caller hears us before the answer. Raises SdpError."""
        self._provisional(183, "Session Progress", self._negotiate(media, on_media))
        self.times.early_media = time.monotonic()

    def answer(self, media: MediaOffer, on_media: Callable[[sdp.RemoteAudio], None]) -> None:
        """200 OK. Raises SdpError (the call is then refused with 488) when there is no common codec."""
        try:
            body = self._negotiate(media, on_media)
        except sdp.SdpError:
            self.reject(488, "Not Acceptable Here")
            raise
        response = response_to(self.request, 200, "OK", self._tag)
        for name, value in (("Contact", self._dialog.contact), ("Allow", ALLOW), ("Content-Type", "application/sdp")):
            response.headers.add(name, value)
        response.body = body
        self._transaction.respond(response)
        self.times.answered = time.monotonic()

    def reject(self, status: int, reason: str) -> None:
        """A final refusal, such as ``486, "Busy Here"`` or ``603, "Decline"``."""
        if not self.ended.is_set():
            self._transaction.reply(status, reason, self._tag)
            self.finish("failed")

    async def hangup(self) -> None:
        """BYE an answered call, refuse an unanswered one; does nothing when it is over."""
        if self.times.answered is None:
            self.reject(480, "Temporarily Unavailable")
        else:
            await super().hangup()

    def cancel(self) -> None:
        """Their CANCEL arrived."""
        if self.times.answered is None and not self.ended.is_set():
            self._transaction.reply(487, "Request Terminated", self._tag)
            self.cancelled.set()
            self.finish("remote_hangup")

    def acknowledge(self, body: bytes) -> None:
        """Their ACK arrived; it carries their description when the INVITE had none."""
        if not self.acknowledged.is_set() and self.times.answered is not None:
            self.acknowledged.set()
            if body and self.offer is None:
                self.take_media(body)

    @property
    def _dialog(self) -> Dialog:
        assert self.dialog is not None  # noqa: S101 - set in the constructor
        return self.dialog

    def _provisional(self, status: int, reason: str, body: bytes) -> None:
        response = response_to(self.request, status, reason, self._tag)
        response.headers.add("Contact", self._dialog.contact)
        if body:
            response.headers.add("Content-Type", "application/sdp")
            response.body = body
        self._transaction.respond(response)

    def _negotiate(self, media: MediaOffer, on_media: Callable[[sdp.RemoteAudio], None]) -> bytes:
        self.media, self.on_media = media, on_media
        if self.offer is None:
            return media.describe()
        law = self.offer.select(media.laws)
        self.take_media(self.request.body)
        return media.describe(laws=(law,), direction=sdp.answer_direction(self.offer.direction))
