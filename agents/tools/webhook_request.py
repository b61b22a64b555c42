"""The request that a webhook makes: pure, from a description, the environment and arguments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from agents.tools.call_facts import CallFacts
from agents.tools.toolbox import ToolError
from agents.tools.webhook_file import ENVIRONMENT, PLACEHOLDER, WebhookPart
from agents.tools.webhook_signature import KEY_HEADER, LEAST_SECRET, signed_headers
from agents.transcript import JsonValue

_IN_QUERY = frozenset({"GET", "DELETE"})


class WebhookUnusable(Exception):
    """The webhook cannot be used in this environment; the message names the tool and the remedy."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    """Escaped as it has to be sent."""
    body: bytes
    headers: Mapping[str, str] = field(repr=False)


class RequestMaker:
    """One webhook in one environment; knows its secret and does not show it."""

    def __init__(self, name: str, part: WebhookPart, environment: Mapping[str, str]) -> None:
        """Raises WebhookUnusable."""
        self._name = name
        self._method = part.method
        self._url = _filled(part.url, environment, name)
        _check_address(self._url, name)
        self._headers = {header: _filled(value, environment, name) for header, value in part.headers.items()}
        self._secret = ""
        if part.secret_env:
            self._secret = _variable(part.secret_env, environment, name)
            if len(self._secret) < LEAST_SECRET:
                raise WebhookUnusable(
                    f"{name}: the secret in {part.secret_env} is shorter than {LEAST_SECRET} characters; make a longer one"
                )

    def make(self, arguments: Mapping[str, JsonValue], facts: CallFacts, key: str, now: float) -> Request:
        """``now``: seconds since 1970. Raises ToolError when an argument cannot stand where it has to."""
        in_path = set(PLACEHOLDER.findall(self._url))
        url = PLACEHOLDER.sub(lambda match: self._segment(match[1], arguments[match[1]]), self._url)
        rest = {name: value for name, value in arguments.items() if name not in in_path}
        body = b""
        headers = {
            **self._headers,
            "Accept": "application/json",
            "Patchcord-Tool": self._name,
            "Patchcord-Call-Id": _header(facts.call_id),
            "Patchcord-Agent": _header(facts.agent),
            "Patchcord-Language": _header(facts.language),
        }
        if self._method in _IN_QUERY:
            if rest:
                url += ("&" if "?" in url else "?") + urlencode({name: _text(value) for name, value in rest.items()}, quote_via=quote)
        else:
            body = json.dumps(rest, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
            headers["Content-Type"] = "application/json"
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if self._secret:
            headers |= signed_headers(self._secret, self._method, target, body, key, now)
        else:
            headers[KEY_HEADER] = key
        return Request(self._method, f"{parts.scheme}://{parts.netloc}{target}", body, headers)

    def _segment(self, name: str, value: JsonValue) -> str:
        text = _text(value)
        if text in ("", ".", ".."):
            raise ToolError(f"{self._name}: '{name}' cannot be empty or dots only, since it is part of an address")
        return quote(text, safe="")


def _filled(template: str, environment: Mapping[str, str], tool: str) -> str:
    return ENVIRONMENT.sub(lambda match: _variable(match[1], environment, tool), template)


def _variable(name: str, environment: Mapping[str, str], tool: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise WebhookUnusable(f"{tool}: the environment variable {name} is not set; set it for the service and start it again")
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise WebhookUnusable(f"{tool}: the environment variable {name} holds control characters")
    return value


def _check_address(url: str, tool: str) -> None:
    """Only what stands in the file and the environment decides on the host: no argument can."""
    try:
        parts = urlsplit(PLACEHOLDER.sub("x", url))
        port = parts.port
    except ValueError as error:
        raise WebhookUnusable(f"{tool}: its url is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise WebhookUnusable(f"{tool}: its url has to begin with http:// or https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise WebhookUnusable(f"{tool}: its url holds a user name; give it in a header, out of an environment variable")
    if parts.fragment:
        raise WebhookUnusable(f"{tool}: its url has a part behind '#', which no server sees; leave it out")
    if any(character in url for character in " \\\t\r\n") or not url.isascii():
        raise WebhookUnusable(f"{tool}: its url has blanks or characters that have to be escaped")
    before_path = url.split("//", 1)[1].split("/", 1)[0]
    if PLACEHOLDER.search(before_path) or PLACEHOLDER.search(parts.query) or PLACEHOLDER.search(url.partition("?")[2]):
        raise WebhookUnusable(f"{tool}: arguments can stand only in the path of its url")


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _header(value: str) -> str:
    """Ids and names are plain; anything else would be an attack on the header lines."""
    return "".join(character for character in value if 32 <= ord(character) < 127)[:200]
