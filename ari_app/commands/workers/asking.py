"""Commands to the supervisor of a running instance."""

import json
from pathlib import Path
from typing import Any, Final

import aiohttp

from ari_app.service.query import ServiceUnreachable

_CONNECT_S: Final = 3.0
_SILENCE_S: Final = 20.0
"""Four times as long as the supervisor is ever silent."""


async def ask(socket: Path, path: str, body: dict[str, Any] | None = None) -> bool:
    """Print what the supervisor says while it does it; False when it says that it could not. Raises ServiceUnreachable."""
    limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_SILENCE_S)
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket)), timeout=limits) as session,
            session.post(f"http://localhost{path}", json=body or {}) as response,
        ):
            async for line in response.content:
                told = json.loads(line)
                if "said" in told:
                    print(told["said"], flush=True)
                elif "error" in told:
                    print(told["error"], flush=True)
                    return False
                elif "done" in told:
                    return True
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise ServiceUnreachable(
            f"the supervisor does not answer at {socket} ({error or type(error).__name__}); see logs/supervisor.log in the data directory"
        ) from error
    raise ServiceUnreachable("the supervisor ended before it was done; see logs/supervisor.log in the data directory")
