"""Files that are made while they are sent: neither end ever holds the whole."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final

from aiohttp import web

from handoff.records.store import RecordsUnavailable

log = logging.getLogger(__name__)

STALLED_S: Final = 60.0
"""Who takes no piece for so long is cut off: meanwhile one of the desk's connections to the database waits for them."""


async def send_pieces(
    request: web.Request, pieces: AsyncGenerator[str, None], content_type: str, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Raises RecordsUnavailable as long as nothing is sent; later the connection is cut off, so that nobody takes a part for the whole."""
    response = web.StreamResponse(headers=headers)
    response.content_type, response.charset = content_type, "utf-8"
    try:
        async with aclosing(pieces):
            first = await anext(pieces)
            await response.prepare(request)
            await _write(response, first)
            async for piece in pieces:
                await _write(response, piece)
    except (RecordsUnavailable, TimeoutError) as error:
        if not response.prepared:
            raise
        log.warning("desk_export_cut_off", extra={"why": type(error).__name__})
        if request.transport is not None:
            request.transport.abort()
    else:
        await response.write_eof()
    return response


async def _write(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(STALLED_S):
        await response.write(text.encode())
