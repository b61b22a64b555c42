"""One try to deliver a webhook over HTTP."""

import asyncio
import json
import os
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from agents.tools.webhook_signature import LEAST_SECRET, signed_headers
from agents.transcript import JsonValue
from handoff.tasks.settings import ReceiverSettings
from handoff.tasks.webhook_policy import Answer

EVENT_HEADER: Final = "Patchcord-Event"


def send(receiver: ReceiverSettings, key: str, event: str, body: Mapping[str, JsonValue], timeout_s: float) -> Answer:
    """Blocks for ``timeout_s`` seconds at most. ``key``: the same whenever this delivery is sent again."""
    secret = os.environ.get(receiver.secret_env, "").strip()
    if len(secret) < LEAST_SECRET:
        problem = (
            f"the environment variable {receiver.secret_env} is not set or shorter than {LEAST_SECRET} characters; set it, start again"
        )
        return Answer(None, problem)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    parts = urlsplit(receiver.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Patchcord",
        EVENT_HEADER: event,
        **signed_headers(secret, "POST", target, text, key, time.time()),
    }
    return asyncio.run(_post(f"{parts.scheme}://{parts.netloc}{target}", text, headers, timeout_s))


async def _post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Answer:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout_s), auto_decompress=False) as session,
            session.post(URL(url, encoded=True), data=body, headers=headers, allow_redirects=False) as response,
        ):
            return Answer(response.status)
    except TimeoutError:
        return Answer(None, f"the receiver did not answer within {timeout_s:g} s")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Answer(None, f"the receiver could not be reached ({type(error).__name__})")
