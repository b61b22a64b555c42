"""The trunks of an installation, with all that was left open filled in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from .errors import TrunksError
from .model import Caller, Limits, Nat, Tls, Trunk

PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}
OWN_TLS = "patchcord-tls"
"""The transport of all encrypted trunks that name no other one."""


@dataclass(frozen=True, slots=True)
class TrunkEntry:
    """One trunk; the names are those in Asterisk."""

    name: str
    said: Trunk
    password: str = field(default="", repr=False)
    shared: bool = False
    """Another trunk has the same server: only the token of the registration tells whose a call is."""

    @property
    def endpoint(self) -> str:
        return BUILT_IN if self.name == BUILT_IN else f"patchcord-{self.name}"

    @property
    def context(self) -> str:
        """Where its calls enter."""
        return f"patchcord-trunk-{self.name}"

    @property
    def inner_context(self) -> str:
        """Where they are checked; no carrier can dial into it."""
        return f"patchcord-in-{self.name}"

    @property
    def outbound_context(self) -> str:
        """Where calls out are allowed; included by nothing."""
        return f"patchcord-outbound-{self.name}"

    @property
    def transport(self) -> str:
        """udp, tcp or tls."""
        return "tls" if self.said.profile == "tls" else self.said.transport

    @property
    def transport_name(self) -> str:
        """The object in pjsip.conf; empty: whichever fits."""
        return self.said.transport_name or (OWN_TLS if self.transport == "tls" else "")

    @property
    def host(self) -> str:
        """The server without its port; empty when none was given."""
        return self.said.server.partition(":")[0]

    @property
    def port(self) -> int:
        given = self.said.server.partition(":")[2]
        return int(given) if given else PORTS[self.transport]

    @property
    def domain(self) -> str:
        """Host in From and To; never with a port."""
        return (self.said.domain or self.said.server).partition(":")[0]

    @property
    def contact_user(self) -> str:
        """What the carrier finds in our Contact, and dials when it does not say a number."""
        return f"patchcord-{self.name}"

    @property
    def srtp(self) -> str:
        """off, optional or required; encrypted signalling without encrypted audio would protect nothing."""
        return "required" if self.said.profile == "tls" and "srtp" not in self.said.model_fields_set else self.said.srtp

    @property
    def matches(self) -> tuple[str, ...]:
        """What identifies its calls by where they come from."""
        if self.said.addresses:
            return self.said.addresses
        return (self.host,) if self.host and not self.shared else ()


BUILT_IN = "trunk"


@dataclass(frozen=True, slots=True)
class Trunks:
    """All trunks."""

    entries: tuple[TrunkEntry, ...] = ()
    nat: Nat | None = None
    tls: Tls | None = None

    def get(self, name: str) -> TrunkEntry | None:
        return next((entry for entry in self.entries if entry.name == name), None)

    def encrypted(self) -> bool:
        """Whether the TLS transport of Patchcord is needed."""
        return any(entry.transport_name == OWN_TLS for entry in self.entries)

    def files(self) -> Iterator[str]:
        """Certificates and keys that must be there for Asterisk."""
        if self.tls is not None and self.encrypted():
            yield self.tls.authorities
            if self.tls.certificate and self.tls.key:
                yield self.tls.certificate
                yield self.tls.key


NO_TRUNKS = Trunks()


def default_trunks(match: str) -> Trunks:
    """Return the trunk of a fresh installation: ``match`` (an address or a name) may call in without registering, as a carrier would.

    Empty: there is no trunk.

    Raises:
        TrunksError: ``match`` is neither.
    """
    if not match:
        return NO_TRUNKS
    given: dict[str, Any] = {"addresses": (match,)} if match[:1].isdigit() or ":" in match else {"server": match}
    try:
        said = Trunk(
            profile="ip",
            codecs=("ulaw", "alaw"),
            dtmf="rfc4733",
            caller=Caller(header="asserted"),
            limits=Limits(max_calls=10_000, calls_per_second=1000),
            qualify_s=0,
            **given,
        )
    except ValidationError as error:
        raise TrunksError(
            f"sip.trunk_match is {match[:60]!r}, which is no address, no network and no name of a host. Correct it."
        ) from error
    return Trunks((TrunkEntry(BUILT_IN, said),))
