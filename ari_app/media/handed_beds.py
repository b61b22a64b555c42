"""The loops that the media process has of this mind: each is sent once, then lines refer to it by its number."""

import asyncio
import hashlib
import itertools
from typing import Any, Final, Protocol

from agents.audio import Pcm
from ari_app.media import wire

_KEPT: Final = 8
"""Loops; the one that was not asked for the longest goes first."""


class _Link(Protocol):
    def send(self, message: bytes) -> None: ...

    async def flush(self) -> None: ...


class HandedBeds:
    """One link's. Calls take effect in the order in which they are made."""

    def __init__(self, link: _Link) -> None:
        self._link = link
        self._turn = asyncio.Lock()
        self._numbers: dict[bytes, int] = {}
        """By digest of the audio, the one asked for last at the end."""
        self._next = itertools.count(1)

    async def give(self, handle: int, audio: Pcm | None) -> None:
        """Set the bed of the line with ``handle``."""
        async with self._turn:
            number = None if audio is None else await self._number(audio[: len(audio) // 2 * 2])
            self._control(handle, {"do": "bed", "bed": number})

    async def _number(self, audio: Pcm) -> int:
        digest = hashlib.blake2b(audio.tobytes(), digest_size=16).digest()
        number = self._numbers.pop(digest, None)
        if number is None:
            while len(self._numbers) >= _KEPT:
                self._control(0, {"do": "forget", "bed": self._numbers.pop(next(iter(self._numbers)))})
            number = next(self._next)
            await self._send(number, audio)
        self._numbers[digest] = number
        return number

    async def _send(self, number: int, audio: Pcm) -> None:
        try:
            for start in range(0, len(audio), wire.AUDIO_CHUNK):
                self._link.send(wire.bed_audio(number, audio[start : start + wire.AUDIO_CHUNK]))
                await self._link.flush()
        except BaseException:
            self._control(0, {"do": "forget", "bed": number})
            raise
        self._control(0, {"do": "loop", "bed": number})

    def _control(self, handle: int, fields: dict[str, Any]) -> None:
        self._link.send(wire.control(handle, fields))
