"""Taking audio from a Speaker so that its work ends when the taker stops."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from agents.audio import Pcm


@asynccontextmanager
async def closing(audio: AsyncIterator[Pcm]) -> AsyncGenerator[AsyncIterator[Pcm], None]:
    """Closes ``audio`` on the way out, if it can be closed."""
    try:
        yield audio
    finally:
        close = getattr(audio, "aclose", None)
        if close is not None:
            await close()


async def drain(audio: AsyncIterator[Pcm]) -> Pcm:
    """All of ``audio`` in one piece."""
    async with closing(audio):
        chunks = [chunk async for chunk in audio]
    return np.concatenate(chunks) if chunks else np.zeros(0, dtype=np.int16)
