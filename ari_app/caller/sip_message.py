"""SIP messages (RFC 3261): parse what the network sends, build what we send.

The caller brings its own small user agent because no maintained wheel offers one for asyncio: what exists is abandoned, needs a
compiler, or drags in a sound card. Only what a telephone needs is here; ``parse`` raises nothing but SipParseError, whatever it is fed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

MAX_MESSAGE: Final = 65_535
MAX_HEADERS: Final = 256

_COMPACT: Final = {
    "i": "Call-ID", "m": "Contact", "e": "Content-Encoding", "l": "Content-Length", "c": "Content-Type", "f": "From", "s": "Subject",
    "k": "Supported", "t": "To", "v": "Via", "o": "Event", "r": "Refer-To", "b": "Referred-By", "u": "Allow-Events", "x": "Session-Expires",
}  # fmt: skip
_SPECIAL: Final = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate", "mime-version": "MIME-Version"}
_LISTS: Final = frozenset({"Via", "Contact", "Route", "Record-Route", "Allow", "Supported", "Require", "Accept", "Path", "Allow-Events"})
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_STATUS_LINE: Final = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?", re.IGNORECASE)
_REQUEST_LINE: Final = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]+) (\S+) SIP/2\.0", re.IGNORECASE)


class SipError(Exception):
    """Anything that goes wrong with a call on the signalling side."""


class SipParseError(SipError, ValueError):
    """A message, or a part of one, is not SIP; the message names the part."""


def canonical(name: str) -> str:
    """The header name as the RFC writes it: compact forms expanded, ``call-id`` becomes ``Call-ID``."""
    lower = name.lower()
    expanded = _COMPACT.get(lower) or _SPECIAL.get(lower)
    return expanded or "-".join(part.capitalize() for part in lower.split("-"))


def split_list(value: str) -> list[str]:
    """Split at commas that are neither in quotes nor in angle brackets."""
    parts: list[str] = []
    start, quoted, depth, escaped = 0, False, 0, False
    for index, char in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped, quoted = char == "\\", char != '"'
        elif char == '"':
            quoted = True
        elif char in "<>":
            depth = max(0, depth + (1 if char == "<" else -1))
        elif char == "," and depth == 0:
            parts.append(value[start:index].strip())
            start = index + 1
    parts.append(value[start:].strip())
    return [part for part in parts if part]


class Headers:
    """Header fields in order. Names compare without case and without regard to compact forms."""

    __slots__ = ("_items",)

    def __init__(self, items: list[tuple[str, str]] | None = None) -> None:
        self._items = [(canonical(name), value) for name, value in items or []]

    def add(self, name: str, value: str) -> None:
        if "\r" in value or "\n" in value:
            raise SipParseError(f"header {name} holds a line break")
        self._items.append((canonical(name), value))

    def set(self, name: str, value: str) -> None:
        """Replace every field of this name by one."""
        wanted = canonical(name)
        self._items = [item for item in self._items if item[0] != wanted]
        self.add(wanted, value)

    def insert_first(self, name: str, value: str) -> None:
        self._items.insert(0, (canonical(name), value))

    def get(self, name: str) -> str | None:
        """First value, or None."""
        wanted = canonical(name)
        values = next((value for key, value in self._items if key == wanted), None)
        if values is None or wanted not in _LISTS:
            return values
        parts = split_list(values)
        return parts[0] if parts else None

    def require(self, name: str) -> str:
        """First value; SipParseError when the field is missing."""
        value = self.get(name)
        if value is None:
            raise SipParseError(f"header {canonical(name)} is missing")
        return value

    def all(self, name: str) -> list[str]:
        """Every value; fields that hold lists are split at their commas."""
        wanted = canonical(name)
        values = [value for key, value in self._items if key == wanted]
        return [part for value in values for part in split_list(value)] if wanted in _LISTS else values

    def items(self) -> Iterator[tuple[str, str]]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and other._items == self._items

    def __repr__(self) -> str:
        return f"Headers({self._items!r})"

    __hash__ = None  # type: ignore[assignment]  # mutable


@dataclass(slots=True)
class SipRequest:
    method: str
    """Upper case, such as INVITE."""
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def build(self) -> bytes:
        return _build(f"{self.method} {self.uri} SIP/2.0", self.headers, self.body)


@dataclass(slots=True)
class SipResponse:
    status: int
    """100 to 699."""
    reason: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def build(self) -> bytes:
        return _build(f"SIP/2.0 {self.status} {self.reason}", self.headers, self.body)


SipMessage: TypeAlias = SipRequest | SipResponse


def _build(first_line: str, headers: Headers, body: bytes) -> bytes:
    lines = [
        first_line,
        *(f"{name}: {value}" for name, value in headers.items() if name != "Content-Length"),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def parse(data: bytes) -> SipMessage:
    """One datagram. Raises SipParseError; bytes beyond Content-Length are dropped as RFC 3261 18.3 says."""
    if len(data) > MAX_MESSAGE:
        raise SipParseError(f"message of {len(data)} bytes is longer than a datagram")
    head, separator, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not separator:
        head, separator, body = data.lstrip(b"\r\n").partition(b"\n\n")
    if not separator:
        raise SipParseError("message has no end of headers")
    lines = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")
    headers = _parse_headers(lines[1:])
    body = body[: _content_length(headers, len(body))]
    if match := _STATUS_LINE.fullmatch(lines[0].strip()):
        return SipResponse(int(match[1]), match[2] or "", headers, body)
    if match := _REQUEST_LINE.fullmatch(lines[0].strip()):
        return SipRequest(match[1].upper(), match[2], headers, body)
    raise SipParseError(f"first line is neither a request nor a status: {lines[0][:80]!r}")


def _parse_headers(lines: list[str]) -> Headers:
    if len(lines) > MAX_HEADERS:
        raise SipParseError(f"message has more than {MAX_HEADERS} header lines")
    fields: list[list[str]] = []
    for line in lines:
        if "\r" in line:
            raise SipParseError(f"header line holds a bare carriage return: {line[:80]!r}")
        if line[:1] in (" ", "\t"):
            if not fields:
                raise SipParseError("first header line is a continuation")
            fields[-1][1] = f"{fields[-1][1]} {line.strip()}".strip()
            continue
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name.rstrip()):
            raise SipParseError(f"header line is not 'Name: value': {line[:80]!r}")
        fields.append([name.rstrip(), value.strip()])
    return Headers([(name, value) for name, value in fields])


def _content_length(headers: Headers, available: int) -> int:
    text = headers.get("Content-Length")
    if text is None:
        return available
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise SipParseError(f"Content-Length is not a number: {text[:40]!r}")
    if int(text) > available:
        raise SipParseError(f"body holds {available} bytes, Content-Length says {int(text)}")
    return int(text)
