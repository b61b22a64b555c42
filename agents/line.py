"""What a conversation needs of the thing it talks through: a phone call, a WAV file, a microphone.

Times (``at``) are seconds on ``time.monotonic()``, which all processes of one machine share.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from agents.audio import Pcm


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """The caller began to speak. ``at`` is the first voiced frame, not the later moment of the decision."""

    at: float
    playing: str | None
    """The clip that the caller spoke over; if it was interruptible it is stopped already and its PlaybackStopped follows."""


@dataclass(frozen=True, slots=True)
class VoiceAudio:
    """The caller's speech, in order and without overlap: pre-roll first, then batches while the voice lasts."""

    at: float
    """Time of the first sample."""
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class VoicePaused:
    """About 100 ms without voice. The turn may be over or go on: then another VoiceStarted follows."""

    at: float
    """End of the last voiced frame."""


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    clip: str
    at: float
    """When the clip's first frame left for the caller."""


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    clip: str
    at: float
    """When the clip's last frame left for the caller."""


@dataclass(frozen=True, slots=True)
class PlaybackStopped:
    """A clip was cut short, or dropped before it began (``heard_s`` is 0 then)."""

    clip: str
    at: float
    heard_s: float
    """Seconds of the clip that left for the caller: from the playout ledger, a fact and not an estimate."""


@dataclass(frozen=True, slots=True)
class DigitPressed:
    at: float
    digit: str
    """One of ``0123456789*#ABCD``."""


@dataclass(frozen=True, slots=True)
class LineClosed:
    """No further events come. ``reason`` is ``hangup``, ``media_lost``, ``taken`` (somebody else has the caller now) or ``shutdown``."""

    at: float
    reason: str


LineEvent: TypeAlias = (
    VoiceStarted | VoiceAudio | VoicePaused | PlaybackStarted | PlaybackFinished | PlaybackStopped | DigitPressed | LineClosed
)


class Line(Protocol):
    """One caller. Every method is safe after the line has closed: it then does nothing."""

    def events(self) -> AsyncIterator[LineEvent]:
        """Events in order; ends after LineClosed. To be iterated by one task only."""
        ...

    async def play(self, clip: str, audio: AsyncIterator[Pcm], *, interruptible: bool = True) -> None:
        """Queue a clip behind those already queued; returns when the audio is handed over, not when it has been heard.

        ``clip`` is unique on this line. Exactly one PlaybackFinished or PlaybackStopped follows for each clip.
        """
        ...

    async def stop(self) -> None:
        """Silence at the next frame; everything queued is dropped, each with its PlaybackStopped."""
        ...
