"""``MediaLine``: one caller, as the mind sees it through the media process. Implements ``agents.line.Line``."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from agents.audio import Pcm
from agents.bed import check_bed
from agents.line import (
    CallerAudio,
    DigitPressed,
    LineClosed,
    LineEvent,
    PlaybackFinished,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    VoiceAudio,
    VoicePaused,
    VoiceStarted,
)
from agents.transcript import JsonValue
from ari_app.media import wire
from ari_app.media.errors import MediaLost
from ari_app.media.inbox import Inbox
from ari_app.media.pulse import Pulse

log = logging.getLogger(__name__)

_DIGITS: Final = frozenset("0123456789*#ABCD")


class Wire(Protocol):
    """What a line needs of the link."""

    def send(self, message: bytes) -> None:
        """Write; nothing when the link is lost."""

    async def flush(self) -> None:
        """Wait until the media process keeps up; nothing when the link is lost."""

    async def request(self, handle: int, fields: dict[str, Any]) -> dict[str, Any]:
        """Send and wait for the answer; raises MediaLost, MediaFull or MediaRefused."""

    def forget(self, handle: int) -> None:
        """The line is closed."""

    async def bed(self, handle: int, audio: Pcm | None) -> None:
        """Set the line's bed; the same audio is sent once, however many lines have it."""


@dataclass(slots=True)
class _Clip:
    name: str
    over: asyncio.Event = field(default_factory=asyncio.Event)
    handed_over_s: float = 0.0
    started_at: float | None = None
    """Moved on by the pauses, so that the time since then has been heard."""
    paused_s: float | None = None
    """Seconds heard when it was held; None while it is not."""

    def heard_s(self, now: float) -> float:
        """Seconds heard, estimated by the clock."""
        if self.paused_s is not None:
            return self.paused_s
        return 0.0 if self.started_at is None else min(now - self.started_at, self.handed_over_s)


class MediaLine:
    """Made by ``MediaLink.open``. ``port`` is where Asterisk must send; nothing flows before ``attach``."""

    def __init__(self, link: Wire, handle: int, call_id: str, port: int) -> None:
        self.call_id = call_id
        self.port = port
        self.stalled = False
        """No RTP has come for 1.2 s."""
        self.pulse: Pulse | None = None
        """The newest; None before the first one after ``attach``."""
        self.caller_alone = False
        """What comes in is known to be the caller alone, and nobody else can be heard on it: it is tagged so. Not known unless told."""
        self.on_stalled: Callable[[bool], None] | None = None
        """Called when the peer's packets stop for 1.2 s (True) and when they come again (False)."""
        self._link = link
        self._handle = handle
        self._inbox = Inbox()
        self._clips: dict[int, _Clip] = {}
        self._names: set[str] = set()
        self._next_clip = 1
        self._voices = 0
        """Talk spurts of which the conversation knows; a newer one keeps the line held whatever it decides about an older one."""
        self._closed = False
        self._statistics: dict[str, JsonValue] = {}
        self._closing: asyncio.Task[dict[str, JsonValue]] | None = None

    async def attach(self, host: str, port: int) -> None:
        """Exchange RTP with ``host`` (a numeric address) and ``port``, where Asterisk's leg listens.

        Raises:
            MediaLost: the media process is gone.
            MediaRefused: the address is not usable.
        """
        if not self._closed:
            await self._link.request(self._handle, {"do": "attach", "host": host, "port": port})

    async def events(self) -> AsyncIterator[LineEvent]:
        """See ``agents.line.Line``."""
        async for event in self._inbox.read():
            self._voices += isinstance(event, VoiceStarted)
            yield event

    @property
    def uptake(self) -> tuple[bool, int]:
        """Whether events wait for whoever reads ``events``, and how many were taken so far."""
        return self._inbox.waiting, self._inbox.taken

    async def play(self, clip: str, audio: AsyncIterator[Pcm], *, interruptible: bool = True) -> None:
        """See ``agents.line.Line``. Returns early when the clip is stopped. An error of ``audio`` ends the clip there and is raised.

        Raises:
            ValueError: this line has had a clip of that name.
        """
        if self._closed:
            return
        if clip in self._names:
            raise ValueError(f"clip {clip!r} was played on this line before; names must be unique")
        number, entry = self._next_clip, _Clip(clip)
        self._next_clip += 1
        self._names.add(clip)
        self._clips[number] = entry
        self._control({"do": "begin", "clip": number, "interruptible": interruptible})
        try:
            await self._hand_over(number, entry, audio)
        finally:
            self._control({"do": "end", "clip": number})

    async def _hand_over(self, number: int, entry: _Clip, audio: AsyncIterator[Pcm]) -> None:
        over = asyncio.ensure_future(entry.over.wait())
        try:
            while (pcm := await _next_or_none(audio, over)) is not None:
                for start in range(0, len(pcm), wire.AUDIO_CHUNK):
                    if entry.over.is_set():
                        return
                    piece = pcm[start : start + wire.AUDIO_CHUNK]
                    entry.handed_over_s += len(piece) / 16_000
                    self._link.send(wire.clip_audio(self._handle, number, piece))
                    await self._link.flush()
        finally:
            over.cancel()

    async def stop(self) -> None:
        """See ``agents.line.Line``."""
        self._control({"do": "stop"})

    async def hold(self) -> None:
        """See ``agents.line.Line``."""
        self._control({"do": "hold"})

    async def resume(self) -> None:
        """See ``agents.line.Line``."""
        self._control({"do": "resume", "voices": self._voices})

    async def bed(self, audio: Pcm | None) -> None:
        """See ``agents.line.Line``. Returns when the audio is handed over. Without effect on an echo line."""
        if audio is not None:
            check_bed(audio)
        if not self._closed:
            await self._link.bed(self._handle, audio)

    def set_reflex(self, on: bool) -> None:
        """Whether the caller's voice holds what may be interrupted at once, in the media process (as opened: yes)."""
        self._control({"do": "reflex", "on": on})

    def digit(self, digit: str) -> None:
        """Put a DigitPressed into the events; digits reach us by ARI and not by RTP.

        Raises:
            ValueError: it is not one of ``0123456789*#ABCD``.
        """
        if digit not in _DIGITS:
            raise ValueError(f"{digit!r} is no digit of a telephone")
        self._put(DigitPressed(time.monotonic(), digit))

    async def close(self, reason: str = "shutdown") -> dict[str, JsonValue]:
        """End the line and give its port back; LineClosed with ``reason`` follows. The statistics; the same ones when called again."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close(reason))
        return await asyncio.shield(self._closing)

    async def _close(self, reason: str) -> dict[str, JsonValue]:
        if not self._closed:
            try:
                reply = await self._link.request(self._handle, {"do": "close"})
                self._statistics = reply["statistics"]
            except MediaLost:
                reason = "media_lost"
            self.lost(reason)
        return self._statistics

    def lost(self, reason: str) -> None:
        """The line ends now, as far as the mind is concerned: every clip is reported, then LineClosed. Twice is once."""
        if self._closed:
            return
        now = time.monotonic()
        for clip in list(self._clips):
            self._clip_over(clip, now, None)
        self._put(LineClosed(now, reason))
        self._closed = True
        self._link.forget(self._handle)

    def _control(self, fields: dict[str, Any]) -> None:
        if not self._closed:
            self._link.send(wire.control(self._handle, fields))

    def _put(self, event: LineEvent) -> None:
        if not self._closed:
            self._inbox.put(event)

    def heard(self, at: float, pcm: Pcm) -> None:
        """The link has speech for this line."""
        self._put((CallerAudio if self.caller_alone else VoiceAudio)(at, pcm))

    def told(self, fields: dict[str, Any]) -> None:
        """The link has an event for this line."""
        event = fields["event"]
        if event == "voice_started":
            self._put(VoiceStarted(fields["at"], self._name(fields["playing"])))
        elif event == "voice_paused":
            self._put(VoicePaused(fields["at"]))
        elif event == "clip_started":
            self._clip_started(fields["clip"], fields["at"])
        elif event == "clip_finished":
            self._clip_finished(fields["clip"], fields["at"])
        elif event == "clip_stopped":
            self._clip_over(fields["clip"], fields["at"], fields["heard_s"])
        elif event == "clip_paused":
            self._clip_paused(fields["clip"], fields["at"], fields["heard_s"])
        elif event == "clip_resumed":
            self._clip_resumed(fields["clip"], fields["at"])
        elif event == "stalled":
            self.stalled = bool(fields["stalled"])
            if self.on_stalled is not None:
                self.on_stalled(self.stalled)
        else:
            log.warning("media_said_unknown", extra={"call_id": self.call_id, "event": event})

    def _name(self, number: int | None) -> str | None:
        clip = self._clips.get(number) if number is not None else None
        return clip.name if clip else None

    def _clip_started(self, number: int, at: float) -> None:
        clip = self._clips.get(number)
        if clip is not None:
            clip.started_at = at
            self._put(PlaybackStarted(clip.name, at))

    def _clip_paused(self, number: int, at: float, heard_s: float) -> None:
        clip = self._clips.get(number)
        if clip is not None:
            clip.paused_s = heard_s
            self._put(PlaybackPaused(clip.name, at, heard_s))

    def _clip_resumed(self, number: int, at: float) -> None:
        clip = self._clips.get(number)
        if clip is not None and clip.paused_s is not None:
            clip.started_at, clip.paused_s = at - clip.paused_s, None
            self._put(PlaybackResumed(clip.name, at))

    def _clip_finished(self, number: int, at: float) -> None:
        clip = self._clips.pop(number, None)
        if clip is not None:
            clip.over.set()
            self._put(PlaybackFinished(clip.name, at))

    def _clip_over(self, number: int, at: float, heard_s: float | None) -> None:
        """``heard_s`` is None when the ledger died with the media process: then by the clock, the only case that is not from the ledger."""
        clip = self._clips.pop(number, None)
        if clip is None:
            return
        if heard_s is None:
            heard_s = clip.heard_s(at)
        clip.over.set()
        self._put(PlaybackStopped(clip.name, at, heard_s))


async def _next_or_none(audio: AsyncIterator[Pcm], over: "asyncio.Future[Any]") -> Pcm | None:
    """The next piece, or None when the audio has ended or the clip is over first."""
    step = asyncio.ensure_future(_step(audio.__anext__()))
    try:
        await asyncio.wait((step, over), return_when=asyncio.FIRST_COMPLETED)
        return step.result() if step.done() else None
    finally:
        if not step.done():
            step.cancel()
            await asyncio.wait((step,))


async def _step(following: Awaitable[Pcm]) -> Pcm | None:
    try:
        return await following
    except StopAsyncIteration:
        return None
