"""What a test of a trunk found, in words: what failed, and what to do about it. Decides only; asks nobody."""

import ipaddress
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ari_app.caller.sip_message import SipResponse
from dialplan.trunks import TrunkEntry
from dialplan.trunks.model import Nat

_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
)


@dataclass(frozen=True, slots=True)
class Finding:
    step: str
    """file, dns, connection, certificate, options, registration, nat, call, audio, keys."""
    ok: bool
    what: str
    remedy: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def silent(step: str, entry: TrunkEntry, where: str) -> Finding:
    """Nothing came back."""
    way = {"udp": "UDP", "tcp": "TCP", "tls": "TLS"}[entry.transport]
    return Finding(
        step,
        False,
        f"no answer to {way} from {where}",
        f"check server: and its port in trunks.yaml, let {way} to {where} and back through the firewall, switch off SIP helpers (ALG) "
        "in the router, and ask the carrier whether your address may talk to it",
    )


def options(response: SipResponse) -> Finding:
    """Any answer at all means that the server is there."""
    if response.status == 403:
        return Finding("options", False, "403: the server does not talk to this address", FORBIDDEN_ADDRESS)
    return Finding("options", True, f"the server answers ({response.status} {response.reason})".replace(" )", ")"))


FORBIDDEN_ADDRESS = "have the carrier enter the public address of this machine, or remove a restriction to other addresses in its portal"


def registration(entry: TrunkEntry, first: SipResponse, final: SipResponse) -> Finding:
    """``first`` is the answer without, ``final`` the one with credentials."""
    user, status = entry.said.user, final.status
    if status < 300:
        ours = [contact for contact in final.headers.all("Contact") if f"{entry.contact_user}@" in contact]
        state = "Asterisk is registered" if ours else "Asterisk itself has not registered yet: is Patchcord running with this file?"
        return Finding("registration", True, f"user and password are right ({status}); {state}")
    if first.status == 403:
        return Finding("registration", False, "403 before any password was asked: this address is forbidden", FORBIDDEN_ADDRESS)
    if status in (401, 407):
        return Finding(
            "registration",
            False,
            f"{status} again after the password of '{user}' was given: it is wrong, or the digest wants another user",
            "compare user and password with the carrier's portal; give auth_user: when the carrier names a separate one",
        )
    if status == 403:
        return Finding(
            "registration",
            False,
            f"403: the server refuses '{user}'",
            "the password is wrong (some carriers say so with 403), the account is locked, or its domain is another one: compare with the "
            "portal, give domain: when it differs from server:",
        )
    if status == 404:
        return Finding("registration", False, f"404: there is no user '{user}'", "correct user:, and domain: when it differs from server:")
    return Finding("registration", False, f"{status} {final.reason}", "ask the carrier what it means, with the time of this test")


def nat(local: str, seen: str | None, said: Nat | None) -> Finding | None:
    """``local``: our address on this way; ``seen``: the one that the carrier saw. None: there is nothing to say."""
    if seen is None or seen == local:
        return None
    if said is None:
        return Finding(
            "nat",
            False,
            f"this machine is {local} and the carrier sees {seen}: Contact and SDP would name a private address, and callers be unheard",
            f"add to trunks.yaml:  nat: {{public_address: {seen}}}  and forward the SIP and RTP ports to {local}",
        )
    if said.public_address != seen:
        return Finding("nat", False, f"nat says {said.public_address}, the carrier sees {seen}", f"write public_address: {seen}")
    return Finding("nat", True, f"behind a router; the carrier sees {seen}, as nat says")


def call_refused(entry: TrunkEntry, status: int, reason: str) -> Finding:
    match status:
        case 0 | 408:
            return Finding("call", False, "no answer to the call", "see options above; a firewall may let small messages through only")
        case 401 | 407:
            return Finding("call", False, f"{status}: credentials are not accepted for calls", "compare user, auth_user and password")
        case 403:
            return Finding(
                "call", False, "403: the call is forbidden", f"{FORBIDDEN_ADDRESS}; or calls out, or this caller's number, are not allowed"
            )
        case 404 | 484 | 604:
            return Finding(
                "call", False, f"{status}: the number is not known", "write it as the carrier wants it, mostly E.164 such as +442079460000"
            )
        case 488 | 606 | 415:
            return Finding(
                "call", False, f"{status}: none of {', '.join(entry.said.codecs)} suits the carrier",
                "allow both laws (codecs: [alaw, ulaw]) and have the carrier enable G.711; where it demands SRTP write profile: tls",
            )  # fmt: skip
        case 480 | 486 | 487 | 600 | 603:
            return Finding("call", True, f"{status} {reason}: the call got through, and nobody took it")
        case 503:
            return Finding("call", False, "503: the carrier has no room for this call", "check its limit of calls, and your credit there")
    return Finding("call", False, f"{status} {reason}", "ask the carrier what it means, with the time of this test")


def audio(sent: int, received: int, far: str, server_public: bool) -> Finding:
    """``far``: address in the carrier's SDP."""
    if received:
        return Finding("audio", True, f"{received} packets came back for {sent} sent")
    if server_public and private(far):
        return Finding("audio", False, f"the carrier's SDP names the private address {far}", "the carrier must mend its SDP; tell it")
    return Finding(
        "audio",
        False,
        f"one-way audio: {sent} packets went to {far} and none came back",
        "let the RTP ports (sip.rtp_first to sip.rtp_last, UDP) in through the firewall, forward them when behind a router, and set nat:",
    )


def keys(entry: TrunkEntry, agreed: bool, came_back: bool | None) -> Finding:
    """``agreed``: the carrier takes RFC 4733; ``came_back``: an echo brought them back, None when there was none."""
    if not agreed and entry.said.dtmf == "rfc4733":
        return Finding(
            "keys", False, "the carrier does not offer RFC 4733: keys would never arrive", "write dtmf: auto (or inband, or info)"
        )
    if came_back is False:
        return Finding(
            "keys", False, "the key that was pressed did not come back", "try dtmf: inband, or info, whichever the carrier names"
        )
    how = "by RFC 4733" if agreed else "as tones (no RFC 4733 offered)"
    return Finding("keys", True, f"keys go {how}" + (" and come back" if came_back else ""))


def private(address: str) -> bool:
    """Whether nobody outside its own network can reach it (RFC 1918, 3927, 6598, loopback)."""
    try:
        return any(ipaddress.ip_address(address) in network for network in _PRIVATE)
    except ValueError:
        return False


def worst(found: Sequence[Finding]) -> int:
    """Exit status: 1 when anything failed."""
    return int(any(not finding.ok for finding in found))
