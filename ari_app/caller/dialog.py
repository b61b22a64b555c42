"""A SIP dialog (RFC 3261 section 12): what every later request of a call must carry."""

import secrets
from dataclasses import dataclass, field

from ari_app.caller.sip_address import NameAddr, SipUri
from ari_app.caller.sip_message import Headers, SipRequest, SipResponse


def new_tag() -> str:
    return secrets.token_hex(6)


@dataclass(slots=True)
class Dialog:
    call_id: str
    local: str
    """Our From value, tag included."""
    remote: str
    """Their To value, tag included once they sent one."""
    remote_target: str
    """URI from their Contact: where requests go."""
    local_cseq: int
    contact: str
    """Our Contact value."""
    route_set: list[str] = field(default_factory=list)
    remote_cseq: int = -1

    @classmethod
    def of_response(cls, request: SipRequest, response: SipResponse, contact: str) -> "Dialog":
        """The dialog that a response to our INVITE makes (12.1.2). Raises SipParseError."""
        target = response.headers.get("Contact")
        return cls(
            call_id=request.headers.require("Call-ID"),
            local=request.headers.require("From"),
            remote=response.headers.require("To"),
            remote_target=NameAddr.parse(target).uri if target else request.uri,
            local_cseq=int(request.headers.require("CSeq").split()[0]),
            contact=contact,
            route_set=response.headers.all("Record-Route")[::-1],
        )

    @classmethod
    def of_request(cls, request: SipRequest, contact: str, tag: str) -> "Dialog":
        """The dialog of an INVITE that came to us (12.1.1). Raises SipParseError."""
        return cls(
            call_id=request.headers.require("Call-ID"),
            local=f"{request.headers.require('To')};tag={tag}",
            remote=request.headers.require("From"),
            remote_target=NameAddr.parse(request.headers.require("Contact")).uri,
            local_cseq=secrets.randbelow(10_000),
            contact=contact,
            route_set=request.headers.all("Record-Route"),
            remote_cseq=int(request.headers.require("CSeq").split()[0]),
        )

    @property
    def replaces(self) -> str:
        """How the other side finds this dialog (RFC 3891 section 3). Raises SipParseError."""
        theirs, ours = (NameAddr.parse(address).params.get("tag", "") for address in (self.remote, self.local))
        return f"{self.call_id};to-tag={theirs};from-tag={ours}"

    def request(self, method: str, *, cseq: int | None = None) -> SipRequest:
        """A request inside the dialog; the Via is added when it is sent. ``cseq`` is given for ACK only."""
        if cseq is None:
            self.local_cseq += 1
            cseq = self.local_cseq
        headers = Headers([("Max-Forwards", "70"), ("From", self.local), ("To", self.remote), ("Call-ID", self.call_id)])
        headers.add("CSeq", f"{cseq} {method}")
        headers.add("Contact", self.contact)
        for route in self.route_set:
            headers.add("Route", route)
        return SipRequest(method, self.remote_target, headers)

    def destination(self) -> tuple[str, int]:
        """Where the next request goes: the first route (loose routing), else the target. Raises SipParseError."""
        first = NameAddr.parse(self.route_set[0]).uri if self.route_set else self.remote_target
        return SipUri.parse(first).address
