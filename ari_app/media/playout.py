"""What the caller hears: a queue of clips, cut into 20 ms frames, and the ledger of what really left. Pure.

The caller of ``frame`` sends every frame it gets, so that "what has been heard" is a fact.

A line can be held: what may be interrupted waits, and goes on later with the very next sample. The last 5 ms before the pause fade out,
the first 5 ms after it fade in; both have left for the caller and count as heard, so the samples before and after a pause join without
a gap and without an overlap.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from agents.audio import Pcm
from agents.bed import Leaving
from ari_app.media.g711 import FRAME, RATE, SILENCE, Law, decode, encode
from ari_app.media.ledger import Ledger
from ari_app.media.resample import Downsampler

_FADE: Final = 40
"""Samples (5 ms) over which a clip dies away when it is stopped or held, and comes back, so that it does not click."""
_MOST_QUEUED: Final = 600 * RATE
"""Samples a line may queue; a runaway voice stops here and not when memory ends."""


class ClipStarted(NamedTuple):
    clip: int
    at: float


class ClipFinished(NamedTuple):
    clip: int
    at: float


class ClipStopped(NamedTuple):
    clip: int
    at: float
    heard_s: float


class ClipPaused(NamedTuple):
    """``heard_s`` includes the 5 ms that die away at the next frame."""

    clip: int
    at: float
    heard_s: float


class ClipResumed(NamedTuple):
    clip: int
    at: float


PlayoutEvent: TypeAlias = ClipStarted | ClipFinished | ClipStopped | ClipPaused | ClipResumed


@dataclass(slots=True)
class _Clip:
    number: int
    interruptible: bool
    downsampler: Downsampler = field(default_factory=Downsampler)
    waiting: deque[Pcm] = field(default_factory=deque)
    """16 kHz audio as it came, not converted yet."""
    waits: int = 0
    """Samples in ``waiting``."""
    audio: bytearray = field(default_factory=bytearray)
    sent: int = 0
    started: bool = False
    ended: bool = False
    """It has all its audio; some may wait to be converted."""
    paused: bool = False
    """Held in the middle."""
    rising: bool = False
    """Its next samples are the first after a pause."""

    def unsent(self) -> int:
        """Samples at 8 kHz, to within one for each piece that waits."""
        return len(self.audio) - self.sent + self.waits // 2

    def convert(self, wanted: int, law: Law) -> None:
        """Have ``wanted`` samples ready to leave, if there are so many."""
        while len(self.audio) - self.sent < wanted and self.waiting:
            piece = self.waiting.popleft()
            self.waits -= len(piece)
            pcm = self.downsampler.feed(piece)
            if self.ended and not self.waiting:
                pcm = np.concatenate((pcm, self.downsampler.flush()))
            self.audio += encode(pcm.tobytes(), law)


class Playout:
    """The playout queue of one line in ``law``. A clip that was stopped or finished ignores what still arrives for it.

    Audio is converted piece by piece as it is needed: many lines that begin to speak at the same moment would otherwise keep the
    processor busy for longer than a packet may wait.
    """

    def __init__(self, law: Law) -> None:
        self._law = law
        self._clips: deque[_Clip] = deque()
        self._by_number: dict[int, _Clip] = {}
        self._fading = b""
        self._starved = False
        self._held = False
        self._sounding = False
        """Something of a clip was in the last frame."""
        self._silence = SILENCE[law] * FRAME
        self.underruns = 0
        """Frames of silence inside a clip whose audio came too late."""
        self.ledger = Ledger()
        """The last minute."""

    @property
    def playing(self) -> int | None:
        """The clip that is being heard, or None."""
        return self._clips[0].number if self._clips and self._clips[0].started else None

    @property
    def leaving(self) -> Leaving:
        """What was in the last frame."""
        if self._sounding:
            return Leaving.CLIP
        return Leaving.NOTHING if self.playing is None else Leaving.BROKEN

    @property
    def held(self) -> bool:
        """Whether what may be interrupted waits."""
        return self._held

    @property
    def interruptible(self) -> bool:
        """Whether something begun or queued gives way to the caller's voice."""
        return any(clip.interruptible for clip in self._clips)

    def begin(self, number: int, interruptible: bool) -> None:
        """Queue a clip behind those already queued."""
        clip = _Clip(number, interruptible)
        self._clips.append(clip)
        self._by_number[number] = clip

    def append(self, number: int, pcm: Pcm) -> bool:
        """More 16 kHz audio for a clip; False when the line's queue is full and the audio was dropped."""
        clip = self._by_number.get(number)
        if clip is None or clip.ended:
            return True
        if sum(each.unsent() for each in self._clips) + len(pcm) // 2 > _MOST_QUEUED:
            return False
        clip.waiting.append(pcm)
        clip.waits += len(pcm)
        return True

    def end(self, number: int) -> None:
        """The clip has all its audio."""
        clip = self._by_number.get(number)
        if clip is not None and not clip.ended:
            if not clip.waiting:
                clip.audio += encode(clip.downsampler.flush().tobytes(), self._law)
            clip.ended = True

    def hold(self, now: float) -> list[PlayoutEvent]:
        """Silence from the next frame on, but for a fade of 5 ms; what may not be interrupted and is at the front is heard to its end."""
        if self._held:
            return []
        self._held = True
        if not self._clips or not self._clips[0].started or not self._clips[0].interruptible:
            return []
        clip = self._clips[0]
        self._fade(clip, now)
        clip.paused = True
        return [ClipPaused(clip.number, now, clip.sent / RATE)]

    def resume(self, now: float) -> list[PlayoutEvent]:
        """Go on at the next frame with the sample after the last one that left."""
        self._held = False
        if not self._clips or not self._clips[0].paused:
            return []
        clip = self._clips[0]
        clip.paused, clip.rising = False, True
        return [ClipResumed(clip.number, now)]

    def stop(self, now: float) -> list[PlayoutEvent]:
        """Silence from the next frame on, but for a fade of 5 ms; no longer held. Every clip dropped is reported."""
        if self._clips:
            self._fade(self._clips[0], now)
        events: list[PlayoutEvent] = [ClipStopped(clip.number, now, clip.sent / RATE) for clip in self._clips]
        self._clips.clear()
        self._by_number.clear()
        self._held = False
        return events

    def _fade(self, clip: _Clip, now: float) -> None:
        if not clip.started or self._starved or clip.paused or clip.rising:
            # What left last was silent already.
            return
        clip.convert(_FADE, self._law)
        tail = bytes(clip.audio[clip.sent : clip.sent + _FADE])
        self._fading = self._ramp(tail, 1.0, 0.0)
        self._record(clip, len(tail), now)

    def _ramp(self, piece: bytes, start: float, end: float) -> bytes:
        """``piece`` with its amplitude going from ``start`` to just before ``end``."""
        samples = np.frombuffer(decode(piece, self._law), dtype=np.int16)
        return encode((samples * np.linspace(start, end, len(samples), endpoint=False)).astype(np.int16).tobytes(), self._law)

    def _record(self, clip: _Clip, samples: int, now: float) -> None:
        if samples:
            self.ledger.add(now, clip.number, clip.sent, clip.sent + samples)
            clip.sent += samples

    def frame(self, now: float) -> tuple[bytes, list[PlayoutEvent]]:
        """The next 20 ms (160 bytes), to be sent at once, and what it changes. Silence when nothing is queued or all of it is held."""
        if not self._fading:
            if not self._clips:
                self._sounding = False
                return self._silence, []
            clip = self._clips[0]
            if clip.started and not (self._held or clip.rising) and clip.sent + FRAME < len(clip.audio):
                return self._plain(clip, now), []
        out, self._fading = self._fading, b""
        events: list[PlayoutEvent] = []
        while self._clips and len(out) < FRAME and not (self._held and self._clips[0].interruptible):
            piece, done = self._take(self._clips[0], FRAME - len(out), now, events)
            out += piece
            if not done:
                break
        self._sounding = bool(out)
        return out + self._silence[len(out) :], events

    def _plain(self, clip: _Clip, now: float) -> bytes:
        """The next frame from the middle of ``clip``: what ``_take`` would give, as it nearly always is."""
        self._starved, self._sounding = False, True
        start = clip.sent
        clip.sent = end = start + FRAME
        self.ledger.add(now, clip.number, start, end)
        return bytes(clip.audio[start:end])

    def _take(self, clip: _Clip, wanted: int, now: float, events: list[PlayoutEvent]) -> tuple[bytes, bool]:
        """Up to ``wanted`` samples of ``clip``, and whether the next clip may follow in the same frame."""
        available = len(clip.audio) - clip.sent
        if available < wanted:
            clip.convert(wanted, self._law)
            available = len(clip.audio) - clip.sent
        if available < wanted and not clip.ended:
            if clip.started:
                self._starved = True
                self.underruns += 1
            return b"", False
        self._starved = False
        piece = bytes(clip.audio[clip.sent : clip.sent + wanted])
        if piece and not clip.started:
            clip.started = True
            events.append(ClipStarted(clip.number, now))
        self._record(clip, len(piece), now)
        if clip.rising and piece:
            clip.rising = False
            piece = self._ramp(piece[:_FADE], 0.0, 1.0) + piece[_FADE:]
        if not clip.ended or clip.waiting or clip.sent < len(clip.audio):
            return piece, False
        self._clips.popleft()
        del self._by_number[clip.number]
        events.append(ClipFinished(clip.number, now))
        return piece, True
