"""What a person types into a SIP phone."""

import contextlib
import socket
from dataclasses import dataclass, field
from typing import Literal

from ari_app.settings import Settings

from .phones import Role, phones_of
from .secret_store import Secrets

_ANY = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, not bound to
_DOCUMENTATION_HOST = ("192.0.2.1", 9)  # RFC 5737: reserved, so the route to it is the default route; nothing is sent


@dataclass(frozen=True, slots=True)
class SipAccount:
    """An account of a SIP phone."""

    user: str
    password: str = field(repr=False)
    role: Role
    server: str
    port: int
    name: str = ""
    """Whose it is."""
    transport: Literal["udp", "tcp"] = "udp"
    """UDP is what every phone starts with; TCP is served on the same port."""


def accounts(settings: Settings, secrets: Secrets) -> list[SipAccount]:
    """Return the accounts of all phones; ``server`` is an address that a phone in this network can reach."""
    server = settings.sip.bind if settings.sip.bind not in _ANY else address_of_this_machine()
    port = settings.sip.port
    return [SipAccount(phone.user, secrets.phones[phone.user], phone.role, server, port, phone.name) for phone in phones_of(settings)]


def address_of_this_machine() -> str:
    """Return the address by which the default route leaves; 127.0.0.1 on a machine without one."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(_DOCUMENTATION_HOST)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
