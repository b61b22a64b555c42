"""What the caller hears: a queue of clips, cut into 20 ms frames, and the ledger of what really left. Pure.

The caller of ``frame`` sends every frame it gets, so that "what has been heard" is a fact.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from agents.audio import Pcm
from ari_app.media.g711 import FRAME, RATE, SILENCE, Law, decode, encode
from ari_app.media.resample import Downsampler

_FADE: Final = 40
"""Samples (5 ms) over which a stopped clip dies away, so that it does not click."""
_LEDGER_FRAMES: Final = 3000
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


PlayoutEvent: TypeAlias = ClipStarted | ClipFinished | ClipStopped


class LedgerEntry(NamedTuple):
    """Samples ``start`` to ``end`` (8 kHz, end exclusive) of ``clip`` left at ``at``."""

    at: float
    clip: int
    start: int
    end: int


@dataclass(slots=True)
class _Clip:
    number: int
    interruptible: bool
    downsampler: Downsampler = field(default_factory=Downsampler)
    waiting: deque[Pcm] = field(default_factory=deque)
    """16 kHz audio as it came, not converted yet."""
    audio: bytearray = field(default_factory=bytearray)
    sent: int = 0
    started: bool = False
    ended: bool = False
    """It has all its audio; some may wait to be converted."""

    def unsent(self) -> int:
        """Samples at 8 kHz, to within one for each piece that waits."""
        return len(self.audio) - self.sent + sum(len(pcm) for pcm in self.waiting) // 2

    def convert(self, wanted: int, law: Law) -> None:
        """Have ``wanted`` samples ready to leave, if there are so many."""
        while len(self.audio) - self.sent < wanted and self.waiting:
            pcm = self.downsampler.feed(self.waiting.popleft())
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
        self._silence = SILENCE[law] * FRAME
        self.underruns = 0
        """Frames of silence inside a clip whose audio came too late."""
        self.ledger: deque[LedgerEntry] = deque(maxlen=_LEDGER_FRAMES)
        """The last minute."""

    @property
    def playing(self) -> int | None:
        """The clip that is being heard, or None."""
        return self._clips[0].number if self._clips and self._clips[0].started else None

    @property
    def interruptible(self) -> bool:
        """Whether the clip being heard gives way to the caller's voice."""
        return bool(self._clips) and self._clips[0].started and self._clips[0].interruptible

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
        return True

    def end(self, number: int) -> None:
        """The clip has all its audio."""
        clip = self._by_number.get(number)
        if clip is not None and not clip.ended:
            if not clip.waiting:
                clip.audio += encode(clip.downsampler.flush().tobytes(), self._law)
            clip.ended = True

    def stop(self, now: float, only_interruptible: bool = False) -> list[PlayoutEvent]:
        """Silence from the next frame on, but for a fade of 5 ms. Every clip dropped is reported."""
        events: list[PlayoutEvent] = []
        kept: deque[_Clip] = deque()
        for position, clip in enumerate(self._clips):
            if only_interruptible and not clip.interruptible:
                kept.append(clip)
                continue
            if position == 0:
                self._fade(clip, now)
            events.append(self._drop(clip, now))
        self._clips = kept
        return events

    def _fade(self, clip: _Clip, now: float) -> None:
        if not clip.started or self._starved:
            return
        clip.convert(_FADE, self._law)
        tail = bytes(clip.audio[clip.sent : clip.sent + _FADE])
        samples = np.frombuffer(decode(tail, self._law), dtype=np.int16)
        faded = (samples * np.linspace(1, 0, len(samples), endpoint=False)).astype(np.int16)
        self._fading = encode(faded.tobytes(), self._law)
        self._record(clip, len(tail), now)

    def _drop(self, clip: _Clip, now: float) -> ClipStopped:
        del self._by_number[clip.number]
        return ClipStopped(clip.number, now, clip.sent / RATE)

    def _record(self, clip: _Clip, samples: int, now: float) -> None:
        if samples:
            self.ledger.append(LedgerEntry(now, clip.number, clip.sent, clip.sent + samples))
            clip.sent += samples

    def frame(self, now: float) -> tuple[bytes, list[PlayoutEvent]]:
        """The next 20 ms (160 bytes), to be sent at once, and what it changes. Silence when nothing is queued."""
        if self._fading:
            out = (self._fading + self._silence)[:FRAME]
            self._fading = b""
            return out, []
        if not self._clips:
            return self._silence, []
        out = b""
        events: list[PlayoutEvent] = []
        while self._clips and len(out) < FRAME:
            piece, done = self._take(self._clips[0], FRAME - len(out), now, events)
            out += piece
            if not done:
                break
        return out + self._silence[len(out) :], events

    def _take(self, clip: _Clip, wanted: int, now: float, events: list[PlayoutEvent]) -> tuple[bytes, bool]:
        """Up to ``wanted`` samples of ``clip``, and whether the next clip may follow in the same frame."""
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
        if not clip.ended or clip.sent < len(clip.audio):
            return piece, False
        self._clips.popleft()
        del self._by_number[clip.number]
        events.append(ClipFinished(clip.number, now))
        return piece, True
