"""What call control needs of the media process. Implemented by ``ari_app.media.link.MediaLink``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol, TypeAlias

from agents.line import Line
from agents.transcript import JsonValue

Law: TypeAlias = Literal["ulaw", "alaw"]
Mode: TypeAlias = Literal["agent", "echo"]


class MediaLine(Line, Protocol):
    """One caller's audio. ``port`` is where Asterisk must send; nothing flows before ``attach``."""

    port: int

    async def attach(self, host: str, port: int) -> None:
        """Raises MediaLost, MediaRefused."""
        ...

    def digit(self, digit: str) -> None: ...

    async def close(self, reason: str) -> Mapping[str, JsonValue]:
        """Give the port back; LineClosed with ``reason`` follows. Returns the statistics; safe to repeat."""
        ...


class MediaLink(Protocol):
    lost: asyncio.Event
    """Set when the media process is gone; every line has closed with ``media_lost`` by then."""

    async def open(self, call_id: str, *, law: Law, mode: Mode = "agent") -> MediaLine:
        """Raises MediaFull, MediaLost."""
        ...

    async def status(self) -> Mapping[str, JsonValue]:
        """Raises MediaLost."""
        ...

    async def close(self) -> None: ...


ConnectMedia: TypeAlias = Callable[[], Awaitable[MediaLink]]
"""Raises MediaLost, MediaRefused."""
