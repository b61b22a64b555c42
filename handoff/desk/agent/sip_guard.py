"""What a browser may say on its SIP socket: one whole message at a time, and requests only in its own name.

Asterisk identifies senders by name first and by address second. All browsers have the desk's address, so a request in
another name might pass for a carrier's; it is stopped here.
"""

import re
from typing import Final

_REQUEST: Final = re.compile(r"[A-Z]{3,20} sips?:[^\s<>\"]{1,200} SIP/2\.0")
_RESPONSE: Final = re.compile(r"SIP/2\.0 [1-6][0-9]{2} [^\r\n]{0,100}")
_FROM: Final = re.compile(r'(?:"[^"\\<>]{0,80}" ?)?<sips?:([^@:;<>\s"%]{1,64})@[^<>\s"]{1,200}>(?:;[^<>"\s,]{1,200})?')


class Refused(ValueError):
    """Not passed on; the message says what is wrong, without what was said."""


def check(message: str, account: str) -> None:
    """``message`` from the browser of ``account``, such as ``2001-web``. Raises Refused."""
    head, found, body = message.partition("\r\n\r\n")
    if not found:
        raise Refused("not a whole SIP message")
    start, *lines = head.split("\r\n")
    if any(not line or line[0] in " \t" or "\r" in line or "\n" in line or "\0" in line for line in lines):
        raise Refused("header lines that are continued or empty")
    if _values(lines, "content-length", "l") != [str(len(body.encode()))]:
        raise Refused("Content-Length is not the body's")
    if _RESPONSE.fullmatch(start):
        return
    if not _REQUEST.fullmatch(start):
        raise Refused("neither a request nor a response")
    senders = _values(lines, "from", "f")
    sender = _FROM.fullmatch(senders[0]) if len(senders) == 1 else None
    if sender is None or sender[1] != account:
        raise Refused("a request in another name")


def _values(lines: list[str], *names: str) -> list[str]:
    pairs = (line.partition(":") for line in lines)
    return [value.strip() for name, _, value in pairs if name.strip().lower() in names]
