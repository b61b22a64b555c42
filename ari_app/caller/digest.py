"""Digest authentication of a client (RFC 7616, and RFC 2617 for servers without qop)."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

from ari_app.caller.sip_message import SipError

_PAIR: Final = re.compile(r'([A-Za-z][A-Za-z0-9_\-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES: Final = {"MD5": "md5", "SHA-256": "sha256"}


class DigestError(SipError):
    """The challenge cannot be answered; the message says why."""


@dataclass(frozen=True, slots=True)
class Challenge:
    realm: str
    nonce: str
    algorithm: str
    """``MD5`` or ``SHA-256``."""
    qop: bool
    """Whether the server offers qop=auth."""
    opaque: str | None
    stale: bool

    @classmethod
    def parse(cls, header: str) -> "Challenge":
        """A WWW-Authenticate or Proxy-Authenticate value. Raises DigestError."""
        scheme, _, rest = header.strip().partition(" ")
        if scheme.lower() != "digest":
            raise DigestError(f"the server asks for {scheme[:20]!r} authentication; only Digest is supported")
        fields = {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(rest)}
        algorithm = fields.get("algorithm", "MD5").upper()
        if algorithm not in _HASHES:
            raise DigestError(f"the server asks for the digest algorithm {algorithm[:20]!r}; MD5 and SHA-256 are supported")
        if "realm" not in fields or "nonce" not in fields:
            raise DigestError("the challenge lacks realm or nonce")
        offered = [value.strip().lower() for value in fields.get("qop", "").split(",") if value.strip()]
        if offered and "auth" not in offered:
            raise DigestError(f"the server asks for qop={fields['qop'][:20]!r}; only auth is supported")
        return cls(
            fields["realm"], fields["nonce"], algorithm, bool(offered), fields.get("opaque"), fields.get("stale", "").lower() == "true"
        )


def best_challenge(headers: list[str]) -> Challenge:
    """The strongest challenge of several that can be answered (RFC 7616 3.7). Raises DigestError when none can."""
    usable: list[Challenge] = []
    problem = DigestError("the server sent no challenge")
    for header in headers:
        try:
            usable.append(Challenge.parse(header))
        except DigestError as error:
            problem = error
    if not usable:
        raise problem
    return max(usable, key=lambda challenge: challenge.algorithm == "SHA-256")


def _hash(algorithm: str, text: str) -> str:
    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def authorization(
    challenge: Challenge, *, user: str, password: str, method: str, uri: str, count: int = 1, cnonce: str | None = None
) -> str:
    """Value of Authorization for one request. ``count`` is the nonce count, from 1."""
    cnonce = cnonce or secrets.token_hex(8)
    a1 = _hash(challenge.algorithm, f"{user}:{challenge.realm}:{password}")
    a2 = _hash(challenge.algorithm, f"{method}:{uri}")
    middle = f"{challenge.nonce}:{count:08x}:{cnonce}:auth" if challenge.qop else challenge.nonce
    fields = [
        f'username="{user}"', f'realm="{challenge.realm}"', f'nonce="{challenge.nonce}"', f'uri="{uri}"',
        f'response="{_hash(challenge.algorithm, f"{a1}:{middle}:{a2}")}"', f"algorithm={challenge.algorithm}",
    ]  # fmt: skip
    if challenge.qop:
        fields += ["qop=auth", f"nc={count:08x}", f'cnonce="{cnonce}"']
    if challenge.opaque is not None:
        fields.append(f'opaque="{challenge.opaque}"')
    return "Digest " + ", ".join(fields)
