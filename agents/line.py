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
    """The clip that the caller spoke over. If it may be interrupted the line is held (see ``Line``) from this moment or earlier."""


@dataclass(frozen=True, slots=True)
class VoiceAudio:
    """The caller's speech, in order and without overlap: pre-roll first, then batches while the voice lasts."""

    at: float
    """Time of the first sample."""
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class CallerAudio(VoiceAudio):
    """Speech that is known to come from the caller's leg and from nobody else: nobody is bridged in, no supervisor speaks into it.

    Lines of other people, and the caller's while others can be heard on it, give plain ``VoiceAudio``. The analysis of feelings takes only
    this: what is not tagged is refused.
    """


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
class PlaybackPaused:
    """The line is held in the middle of this clip; nothing of it is lost.

    It comes before the VoiceStarted that explains it, or alone: the line resumes by itself after a sound that turned out not to be a voice.
    """

    clip: str
    at: float
    heard_s: float
    """As in PlaybackStopped, up to the pause."""


@dataclass(frozen=True, slots=True)
class PlaybackResumed:
    """The clip goes on with the very next sample."""

    clip: str
    at: float


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
    VoiceStarted
    | VoiceAudio
    | VoicePaused
    | PlaybackStarted
    | PlaybackFinished
    | PlaybackStopped
    | PlaybackPaused
    | PlaybackResumed
    | DigitPressed
    | LineClosed
)


class Line(Protocol):
    """One caller. Every method is safe after the line has closed: it then does nothing.

    A line can be *held*: nothing interruptible leaves it, neither the clip in the middle of which it was held nor those behind it, and
    nothing is lost. The caller's voice holds the line by itself, within a packet of its onset, when something interruptible is playing or
    queued; then the conversation decides, with ``resume`` or ``stop``. A clip that may not be interrupted is never held.

    A line can have a *bed*, music for a caller who waits: it is heard whenever nothing else leaves the line. It is no clip: it has no
    events, no voice interrupts it, and ``stop`` does not end it.
    """

    def events(self) -> AsyncIterator[LineEvent]:
        """Events in order; ends after LineClosed. To be iterated by one task only."""
        ...

    async def play(self, clip: str, audio: AsyncIterator[Pcm], *, interruptible: bool = True) -> None:
        """Queue a clip behind those already queued; returns when the audio is handed over, not when it has been heard.

        ``clip`` is unique on this line. Exactly one PlaybackFinished or PlaybackStopped follows for each clip.
        """
        ...

    async def stop(self) -> None:
        """Silence at the next frame; everything queued is dropped, each with its PlaybackStopped. The line is no longer held."""
        ...

    async def hold(self) -> None:
        """Hold the line from the next frame on; nothing when it is held already. PlaybackPaused follows if a clip had begun."""
        ...

    async def resume(self) -> None:
        """Go on from the sample after the pause, without a click; nothing when the line is not held.

        PlaybackResumed follows if a clip had begun.
        """
        ...

    async def bed(self, audio: Pcm | None) -> None:
        """Loop ``audio`` under the line from its first sample on, as loud as it is; None ends it with a fade of 60 ms.

        Its end must lead into its start without a click. It fades out within 60 ms when a clip begins, which is not delayed, and in
        over 200 ms after it; under the caller's voice it is 12 dB softer; in the middle of a clip that is held it comes in after 1.25 s.
        Another bed takes over when this one has died away; the same one goes on.

        Raises:
            ValueError: ``audio`` is shorter than 0.1 s or longer than 120 s.
        """
        ...
