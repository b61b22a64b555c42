"""Asking a running instance over its loopback page."""

from typing import Any

import aiohttp


class ServiceUnreachable(Exception):
    """The page did not answer; the message says where and what to look at."""


async def get_json(port: int, path: str, timeout_s: float = 3.0) -> dict[str, Any]:
    """GET ``path`` from ``port`` on 127.0.0.1. A 503 with a JSON body is an answer too. Raises ServiceUnreachable."""
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
            body: dict[str, Any] = await response.json()
            return body
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise ServiceUnreachable(
            f"nothing usable at 127.0.0.1:{port}{path} ({error or type(error).__name__}); see the mind's log"
        ) from error
