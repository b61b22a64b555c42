"""Signatures of webhooks: the receiver knows that a request comes from us, is whole, was meant for it, and is not an old one.

Three headers::

    Idempotency-Key: 64 hexadecimal digits, the same when a request is sent again
    Patchcord-Timestamp: seconds since 1970
    Patchcord-Signature: v1=<hexadecimal HMAC-SHA256>

What is signed: ``timestamp "." key "." METHOD " " path-and-query "." body``, bytes, with the shared secret. Path and query stand as on the
request line, so that a signed request cannot be aimed at another address. Within the replay window the key tells a request sent again.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final

KEY_HEADER: Final = "Idempotency-Key"
TIMESTAMP_HEADER: Final = "Patchcord-Timestamp"
SIGNATURE_HEADER: Final = "Patchcord-Signature"
REPLAY_WINDOW_S: Final = 300
"""Age, and lead of our clock, up to which a request is taken, in seconds. Remember keys for twice as long."""
LEAST_SECRET: Final = 16
"""Characters."""

_VERSION: Final = "v1="


class SignatureRefused(Exception):
    """The request must not be acted on; the message says why, without anything out of the request."""


def signed_headers(secret: str, method: str, target: str, body: bytes, key: str, now: float) -> dict[str, str]:
    """``target``: path and query. ``now``: seconds since 1970."""
    timestamp = str(int(now))
    return {
        KEY_HEADER: key,
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: _VERSION + _digest(secret, timestamp, key, method, target, body),
    }


def verify(
    headers: Mapping[str, str], body: bytes, secret: str, now: float, *, method: str, target: str, window_s: float = REPLAY_WINDOW_S
) -> str:
    """The request's idempotency key. For receivers; names of headers in any case. Raises SignatureRefused."""
    found = {name.lower(): value for name, value in headers.items()}
    timestamp, key, signature = (found.get(name.lower(), "") for name in (TIMESTAMP_HEADER, KEY_HEADER, SIGNATURE_HEADER))
    if not (timestamp and key and signature):
        raise SignatureRefused(f"{TIMESTAMP_HEADER}, {KEY_HEADER} and {SIGNATURE_HEADER} are needed")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise SignatureRefused(f"{TIMESTAMP_HEADER} is no number of seconds")
    expected = _VERSION + _digest(secret, timestamp, key, method, target, body)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape")):
        raise SignatureRefused("the signature does not fit: are the secrets the same on both sides?")
    if abs(now - int(timestamp)) > window_s:
        raise SignatureRefused(f"the request is older or newer than {window_s:g} s: are both clocks right?")
    return key


def _digest(secret: str, timestamp: str, key: str, method: str, target: str, body: bytes) -> str:
    head = f"{timestamp}.{key}.{method.upper()} {target}.".encode("utf-8", "surrogateescape")
    return hmac.new(secret.encode(), head + body, hashlib.sha256).hexdigest()
