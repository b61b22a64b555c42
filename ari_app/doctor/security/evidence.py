"""All that the checks look at, gathered beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from ari_app.doctor.security.conf_file import ConfFile
from ari_app.doctor.security.dialplan_text import Dialplan
from ari_app.settings import Settings

CONF_FILES: Final = ("asterisk.conf", "http.conf", "ari.conf", "manager.conf", "pjsip.conf", "extensions.conf", "rtp.conf", "modules.conf")


@dataclass(frozen=True, slots=True)
class Evidence:
    settings: Settings
    data: Path
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """``secrets.json``; empty before the first start."""
    conf: Mapping[str, ConfFile] = field(default_factory=dict)
    """By name, see CONF_FILES; what could not be read is not in it."""
    unreadable: Sequence[str] = ()
    """Why files of Asterisk's could not be read."""
    dialplan: Dialplan = field(default_factory=dict)
    dialplan_from: str = ""
    """``running`` or ``files``; empty: none was found."""
    version: str = ""
    """Asterisk's; empty when nobody said."""
    user_ids: Mapping[str, int] = field(default_factory=dict)
    """Process name to the user id under which it runs."""
    ami_actions: frozenset[str] | None = None
    """What our AMI user may do, said by Asterisk itself; None: not asked."""
    arguments: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Process name to command line: what every user of the machine can read."""

    @property
    def external(self) -> bool:
        return self.settings.asterisk.source == "external"


def loopback(address: str) -> bool:
    """Also of ``host:port`` and names; an address that is not understood is taken for a foreign one."""
    host = address.strip().strip("[]")
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def numbers_of(version: str) -> tuple[int, ...]:
    """``22.10.1~dfsg`` as (22, 10, 1); empty when it is none."""
    found = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        found.append(int(digits))
        if digits != part:
            break
    return tuple(found)
