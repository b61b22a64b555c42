"""SIP requests that the scripted caller does not make by itself: another description in mid-call, an offer that comes late."""

import asyncio
import secrets

from ari_app.caller import sdp
from ari_app.caller.calling import Line
from ari_app.caller.dialog import Dialog, new_tag
from ari_app.caller.leg import ALLOW
from ari_app.caller.rtp_session import RtpSession
from ari_app.caller.sip_endpoint import SipEndpoint
from ari_app.caller.sip_message import Headers, SipRequest, SipResponse
from ari_app.caller.transaction import DEFAULT_TIMING
from tests.e2e.instance import Instance


async def reinvite(line: Line, direction: sdp.Direction, version: int) -> sdp.RemoteAudio:
    """Offer the same audio with another direction (hold: ``sendonly`` or ``inactive``; ``sendrecv`` ends it); their answer."""
    leg = line.leg
    assert leg.dialog is not None
    request = leg.dialog.request("INVITE")
    request.headers.add("Content-Type", "application/sdp")
    request.body = leg.media.describe(version=version, laws=(line.session.law,), direction=direction)
    response = await leg.endpoint.request(request, leg.dialog.destination()).final()
    assert response.status == 200, f"{response.status} {response.reason}"
    leg.endpoint.acknowledge(leg.dialog.request("ACK", cseq=leg.dialog.local_cseq), leg.dialog.destination())
    line.session.muted = direction in ("recvonly", "inactive")
    return sdp.parse(response.body)


class LateOffer:
    """A call whose INVITE describes nothing: the offer comes with the 200, the answer with the ACK (RFC 3261 13.2.1)."""

    def __init__(self, instance: Instance, caller_id: str) -> None:
        self._server = ("127.0.0.1", instance.sip_port)
        self._caller_id = caller_id
        self._endpoint: SipEndpoint
        self._dialog: Dialog

    async def dial(self, number: str) -> SipResponse:
        """The answer, which is not acknowledged yet."""
        self._endpoint = await SipEndpoint.open(lambda _request, _transaction: None, ("127.0.0.1", 0), DEFAULT_TIMING)
        here, target = self._endpoint.local, f"sip:{number}@{self._server[0]}:{self._server[1]}"
        contact = f"<sip:{self._caller_id}@{here[0]}:{here[1]}>"
        headers = Headers([("Max-Forwards", "70"), ("From", f"<sip:{self._caller_id}@{here[0]}>;tag={new_tag()}"), ("To", f"<{target}>")])
        for name, value in (("Call-ID", secrets.token_hex(12)), ("CSeq", "1 INVITE"), ("Contact", contact), ("Allow", ALLOW)):
            headers.add(name, value)
        request = SipRequest("INVITE", target, headers)
        response = await asyncio.wait_for(self._endpoint.request(request, self._server).final(), 10)
        self._dialog = Dialog.of_response(request, response, contact)
        return response

    def answer(self, session: RtpSession) -> None:
        """ACK with our half of the description."""
        request = self._dialog.request("ACK", cseq=self._dialog.local_cseq)
        request.headers.add("Content-Type", "application/sdp")
        request.body = sdp.build(session.host, session.port, (session.law,))
        self._endpoint.acknowledge(request, self._dialog.destination())

    async def close(self) -> None:
        await self._endpoint.request(self._dialog.request("BYE"), self._dialog.destination()).final()
        self._endpoint.close()
