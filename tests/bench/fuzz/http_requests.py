"""HTTP that somebody without a login might send to the desk, the status page, the control of calls, and Asterisk's port."""

import base64
import json
import random
from typing import Final, Literal

Where = Literal["desk", "status", "asterisk"]
WHERE: Final[tuple[Where, ...]] = ("desk", "status", "asterisk")
METHODS: Final = (*("GET",) * 5, *("POST",) * 4, "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "XYZZY", "")
PATHS: Final[dict[Where, tuple[str, ...]]] = {
    "desk": (
        "/",
        "/login",
        "/logout",
        "/password",
        "/healthz",
        "/live",
        "/floor",
        "/calls",
        "/calls.csv",
        "/calls/{id}",
        "/calls/{id}/recording",
        "/card/{id}",
        "/agent",
        "/audit",
        "/agents",
        "/agents/front-desk",
        "/phone",
        "/phone/socket",
        "/static/desk.css",
        "/static/../desk.secret",
        "/static/%2e%2e/%2e%2e/secrets.json",
        "/floor/calls/{id}/hangup",
    ),
    "status": (
        "/healthz",
        "/metrics",
        "/status",
        "/live",
        "/control/feed",
        "/control/calls/{id}/hangup",
        "/control/calls/{id}/say",
        "/control/..",
    ),
    "asterisk": (
        "/ari/asterisk/info",
        "/ari/channels",
        "/ari/channels/{id}",
        "/ari/channels/externalMedia",
        "/ari/bridges",
        "/ari/endpoints",
        "/ari/applications/patchcord",
        "/ari/asterisk/variable?variable=SHELL(id)",
        "/ari/asterisk/config/dynamic/res_pjsip/auth/1001",
        "/ari/recordings/stored/../../x/file",
        "/ari/api-docs/resources.json",
        "/ari/events?app=patchcord&api_key=a:b",
        "/ws",
        "/httpstatus",
        "/static/x",
        "/amanager?action=login",
        "/rawman?action=originate",
        "/phoneprov/x",
        "/metrics",
    ),
}
_IDS: Final = (
    "1",
    "x",
    "..",
    "%00",
    "%2e%2e%2f",
    "'; DROP TABLE calls; --",
    "<script>",
    "A" * 3000,
    "${SHELL(id)}",
    "\u202e",
    "1%0d%0aX: y",
    "-1",
)
_HEADERS: Final = (
    ("Host", "evil.example.com"),
    ("Host", ""),
    ("Origin", "https://evil.example.com"),
    ("Origin", "null"),
    ("Sec-Fetch-Site", "cross-site"),
    ("X-Forwarded-For", "127.0.0.1, " * 200),
    ("X-Forwarded-For", "'"),
    ("X-CSRF-Token", "x" * 4000),
    ("Referer", "javascript:alert(1)"),
    ("Range", "bytes=0-,-1,5-2"),
    ("Range", "bytes=99999999999999999999-"),
    ("If-None-Match", '"' * 500),
    ("Accept", "text/html"),
    ("Accept", "application/json"),
    ("Accept-Encoding", "gzip;q=-1"),
    ("Content-Encoding", "gzip"),
    ("Transfer-Encoding", "chunked"),
    ("Transfer-Encoding", "xchunked, chunked"),
    ("Content-Length", "-1"),
    ("Content-Length", "99999999999"),
    ("Content-Length", "1"),
    ("Expect", "100-continue"),
    ("Connection", "upgrade"),
    ("Upgrade", "h2c"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("Last-Event-ID", "x" * 900),
    ("Authorization", "Bearer "),
    ("Authorization", "Bearer " + "x" * 43),
    ("Authorization", "Digest username=x"),
    ("Cookie", "=;;;=" * 300),
)
_COOKIES: Final = ("patchcord_desk", "__Host-patchcord_desk", "patchcord_login", "x")


def request(chance: random.Random, where: Where, host: str) -> bytes:
    """A whole request with its body."""
    method, path = chance.choice(METHODS), chance.choice(PATHS[where]).replace("{id}", chance.choice(_IDS))
    if chance.random() < 0.3:
        path += chance.choice(("?", "&", "/", "//", "%", "?next=//evil.example.com", "?q=" + "%" * 600, "?" + "a=b&" * 400, "#x", " x"))
    headers = [("Host", host), *_cookies(chance), *_login(chance)]
    if chance.random() < 0.12:
        headers += [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", chance.choice(("13", "0", "x")))]
        headers += [("Sec-WebSocket-Key", chance.choice(("dGhlIHNhbXBsZSBub25jZQ==", "x"))), ("Sec-WebSocket-Protocol", "sip")]
    for name, value in chance.sample(_HEADERS, chance.choice((0, 0, 0, 1, 1, 3))):
        headers = [each for each in headers if each[0] != name or chance.random() < 0.5] + [(name, value)]
    if chance.random() < 0.02:
        headers += [(f"X-Flood-{index}", "y" * 30) for index in range(chance.choice((40, 400)))]
    kind, body = _body(chance) if method in ("POST", "PUT", "PATCH") or chance.random() < 0.1 else ("", b"")
    headers += [("Content-Type", kind)] if kind else []
    if not any(name in ("Content-Length", "Transfer-Encoding") for name, _ in headers) and body:
        headers.append(("Content-Length", str(len(body))))
    version = chance.choice((*("HTTP/1.1",) * 12, "HTTP/1.0", "HTTP/9.9", ""))
    head = "\r\n".join([f"{method} {path} {version}", *(f"{name}: {value}" for name, value in headers), "", ""])
    return head.encode("utf-8", "surrogatepass") + body


def _cookies(chance: random.Random) -> list[tuple[str, str]]:
    if chance.random() < 0.6:
        return []
    value = chance.choice((f"{chance.getrandbits(256):x}", "", '"', "\x00", "é", "x" * 5000))
    return [("Cookie", f"{chance.choice(_COOKIES)}={value}")]


def _login(chance: random.Random) -> list[tuple[str, str]]:
    if chance.random() < 0.7:
        return []
    name = chance.choice(("patchcord", "admin", "", "x" * 900, "patchcord\x00"))
    word = base64.b64encode(f"{name}:{chance.choice(('patchcord', 'admin', '', 'x' * 900))}".encode()).decode()
    return [("Authorization", f"Basic {chance.choice((word, word[:-2], '%%%', ''))}")]


def _body(chance: random.Random) -> tuple[str, bytes]:
    kind = chance.randrange(6)
    if kind == 0:
        return "application/json", json.dumps({"text": "x" * chance.choice((1, 5000)), "phone": "2001", "queue": None}).encode()
    if kind == 1:
        return "application/json", chance.choice((b"[" * 20_000, b'{"a":' * 5000, b"1e999999", b'"\\ud800"', b"{}", b"null", b"\xff\xfe"))
    if kind == 2:
        return "application/x-www-form-urlencoded", b"name=admin&password=" + b"x" * chance.choice((1, 300, 70_000)) + b"&csrf=x&next=//x"
    if kind == 3:
        return "multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=" + chance.choice(
            (b'"csrf"', b'"', b"")
        ) + b"\r\n\r\ny"
    if kind == 4:
        return "text/plain", chance.randbytes(chance.randrange(4000))
    return "application/octet-stream", b"x" * chance.choice((0, 1 << 20, 3 << 20))
