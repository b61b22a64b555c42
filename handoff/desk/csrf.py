"""Requests from other sites are refused: by what browsers say of where they come from, and by a token that only our pages know."""

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD: Final = "csrf"
HEADER: Final = "X-CSRF-Token"
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def cross_site(headers: Mapping[str, str], host: str, public_url: str) -> bool:
    """Whether the browser says that another site sent this. Silence is no proof either way: then the token decides.

    ``host``: of the request; ``public_url``: where browsers reach the desk, when the host that arrives here is another.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return True
    origin = headers.get("Origin")
    if origin is None:
        return False
    given = urlsplit(origin)
    if public_url:
        own = urlsplit(public_url)
        return (given.scheme, given.netloc.lower()) != (own.scheme, own.netloc.lower())
    return given.scheme not in ("http", "https") or given.netloc.lower() != host.lower()


async def given_token(request: web.Request) -> str:
    """From the header, or from the form; empty when there is none. Raises HTTPRequestEntityTooLarge, HTTPBadRequest."""
    header = request.headers.get(HEADER)
    if header is not None:
        return header
    if request.content_type not in _FORMS:
        return ""
    try:
        value = (await request.post()).get(FIELD, "")
    except (ValueError, LookupError, web.RequestPayloadError) as error:
        raise web.HTTPBadRequest(text="This form cannot be read.") from error
    return value if isinstance(value, str) else ""


def same_token(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
