"""What call control needs of the media process. Implemented by ``ari_app.media.link.MediaLink``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol, TypeAlias

from agents.line import Line
from agents.transcript import JsonValue
from ari_app.media.pulse import Pulse

Law: TypeAlias = Literal["ulaw", "alaw"]
Mode: TypeAlias = Literal["agent", "echo"]


class MediaLine(Line, Protocol):
    """One caller's audio. ``port`` is where Asterisk must send; nothing flows before ``attach``."""

    port: int
    caller_alone: bool
    """Set by whoever owns the call: only the caller can be heard on this line, so its voice is tagged as theirs."""

    stalled: bool
    """No packet has come from Asterisk for more than a second."""
    pulse: Pulse | None
    """What went in and out by the newest count; None before the first one."""

    @property
    def uptake(self) -> tuple[bool, int]:
        """Whether events wait for whoever reads them, and how many were taken so far."""
        ...

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

    pulses: int
    """Signs of life so far; two come every second."""
    late_s: float
    """By how much the latest packet of any line was late, in the half second before the newest pulse."""

    async def open(self, call_id: str, *, law: Law, mode: Mode = "agent") -> MediaLine:
        """Raises MediaFull, MediaLost."""
        ...

    async def status(self) -> Mapping[str, JsonValue]:
        """Raises MediaLost."""
        ...

    async def close(self) -> None: ...


ConnectMedia: TypeAlias = Callable[[], Awaitable[MediaLink]]
"""Raises MediaLost, MediaRefused."""
