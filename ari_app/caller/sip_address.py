"""The structured values inside SIP headers: URIs, name-addr, Via, CSeq (RFC 3261 sections 19.1, 20.10, 20.16, 20.42)."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from ari_app.caller.sip_message import SipParseError

_URI: Final = re.compile(
    r"(sips?):(?:([^@<>\s]*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_]+)(?::([0-9]{1,5}))?((?:;[^?<>\s]*)?)(\?\S*)?", re.IGNORECASE
)
_VIA: Final = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*(\w+)\s+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_]+)\s*(?::\s*([0-9]{1,5}))?\s*((?:;.*)?)", re.IGNORECASE
)
_NAME_ADDR: Final = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*))\s*<([^<>]+)>\s*((?:;.*)?)', re.DOTALL)
_CSEQ: Final = re.compile(r"([0-9]{1,10})\s+([A-Za-z0-9\-.!%*_+`'~]+)")


def parse_params(text: str) -> dict[str, str]:
    """``;a=1;b="x"`` as a mapping; names in lower case, a parameter without value maps to an empty string."""
    params: dict[str, str] = {}
    for part in re.findall(r';\s*((?:"(?:[^"\\]|\\.)*"|[^;"])*)', text):
        name, _, value = part.partition("=")
        if name.strip():
            params[name.strip().lower()] = value.strip().strip('"')
    return params


@dataclass(frozen=True, slots=True)
class SipUri:
    user: str
    """Empty when the URI has none."""
    host: str
    port: int | None = None
    params: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "SipUri":
        match = _URI.fullmatch(text.strip())
        if match is None:
            raise SipParseError(f"not a SIP URI: {text[:80]!r}")
        port = int(match[4]) if match[4] else None
        if port is not None and not 0 < port < 65_536:
            raise SipParseError(f"port out of range in {text[:80]!r}")
        user = unquote((match[2] or "").partition(":")[0])
        return cls(user, match[3].strip("[]"), port, parse_params(match[5]))

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to send to; ``maddr`` is not supported, 5060 is the default port."""
        return self.host, self.port or 5060


@dataclass(frozen=True, slots=True)
class NameAddr:
    """A From, To, Contact or Route value."""

    display: str
    uri: str
    params: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> "NameAddr":
        if match := _NAME_ADDR.fullmatch(text):
            display = re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[2].strip()
            return cls(display, match[3].strip(), parse_params(match[4]))
        uri, semicolon, rest = text.strip().partition(";")
        if not uri or "<" in uri or '"' in uri:
            raise SipParseError(f"not an address: {text[:80]!r}")
        return cls("", uri, parse_params(semicolon + rest))

    @property
    def tag(self) -> str | None:
        return self.params.get("tag")


@dataclass(frozen=True, slots=True)
class Via:
    transport: str
    host: str
    port: int | None
    params: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> "Via":
        match = _VIA.fullmatch(text.strip())
        if match is None or int(match[3] or 1) > 65_535:
            raise SipParseError(f"not a Via: {text[:80]!r}")
        return cls(match[1].upper(), match[2].strip("[]"), int(match[3]) if match[3] else None, parse_params(match[4]))

    @property
    def branch(self) -> str:
        return self.params.get("branch", "")


def parse_cseq(text: str) -> tuple[int, str]:
    """Number (0 to 2^31 - 1) and method."""
    match = _CSEQ.fullmatch(text.strip())
    if match is None or int(match[1]) >= 2**31:
        raise SipParseError(f"not a CSeq: {text[:80]!r}")
    return int(match[1]), match[2].upper()
