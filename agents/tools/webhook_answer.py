"""What a webhook's receiver answered: a JSON object of bounded size, or a ToolError that says what was wrong and repeats nothing of it."""

import json
import math
import re
from collections.abc import Sequence
from typing import Final

import aiohttp

from agents.tools.toolbox import ToolError
from agents.tools.webhook_retry import worth_repeating
from agents.transcript import JsonValue

MOST_BYTES: Final = 256 * 1024

_CODE = re.compile(r"^[a-z][a-z0-9_]{0,39}$")


class Passing(Exception):
    """A fault that may be gone at the next attempt; the message goes into the ToolError."""


async def read_answer(response: aiohttp.ClientResponse, tool: str, keep: Sequence[str]) -> dict[str, JsonValue]:
    """Raises ToolError, Passing."""
    if 300 <= response.status < 400:
        raise ToolError(f"{tool}: the receiver redirects ({response.status}), which is refused: write the final address into the file")
    if worth_repeating(response.status):
        raise Passing(f"the receiver answered {response.status}")
    body = await _bounded(response, tool)
    if not 200 <= response.status < 300:
        raise ToolError(f"{tool}: the receiver refused it ({response.status}{_code(body)})")
    try:
        answer = json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise ToolError(f"{tool}: the answer is no JSON") from error
    if not isinstance(answer, dict):
        raise ToolError(f"{tool}: the answer is no JSON object")
    plain = {name: _finite(value) for name, value in answer.items()}
    return {name: plain[name] for name in keep if name in plain} if keep else plain


async def _bounded(response: aiohttp.ClientResponse, tool: str) -> bytes:
    """Read to the end or to the limit; the length that the receiver claims is not trusted, and nothing is unpacked."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ToolError(f"{tool}: the answer is compressed, which was not asked for")
    body = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > MOST_BYTES:
            raise ToolError(f"{tool}: the answer is longer than {MOST_BYTES // 1024} KiB; let the receiver send only what is needed")
    return bytes(body)


def _code(body: bytes) -> str:
    """``error`` of the answer when it is a plain word for programs."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    word = found.get("error") if isinstance(found, dict) else None
    return f", {word}" if isinstance(word, str) and _CODE.match(word) else ""


def _finite(value: JsonValue) -> JsonValue:
    """``1e999`` is valid JSON and an infinity in Python."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list) else value
