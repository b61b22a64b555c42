"""What somebody says whom nobody answers, cut into pieces that can be written down: pure, time is passed in."""

from dataclasses import dataclass
from typing import Final

from agents.audio import Pcm
from agents.conversation.utterance_audio import UtteranceAudio
from agents.line import LineClosed, LineEvent, VoiceAudio, VoicePaused, VoiceStarted

END_S: Final = 0.7
"""Silence after which a piece is over. Nobody waits for it: a sentence in one piece reads better than a fast one in two."""
LONGEST_S: Final = 15.0
"""Then a piece is cut in the middle of the voice: whoever reads along does not wait for the end of a story."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece. Times are those of the line's events."""

    started_at: float
    ended_at: float
    pcm: Pcm


class Dictation:
    """``step`` is told of every event of the line, and of the time (None) when ``deadline`` has passed."""

    def __init__(self) -> None:
        self._sound: UtteranceAudio | None = None
        self._started_at = 0.0
        self._paused_at: float | None = None

    @property
    def deadline(self) -> float | None:
        """When a piece will be over without another event; None while nobody speaks."""
        if self._sound is None:
            return None
        return self._started_at + LONGEST_S if self._paused_at is None else self._paused_at + END_S

    def step(self, event: LineEvent | None, now: float) -> Spoken | None:
        """A piece that is over with this."""
        match event:
            case LineClosed(at, _):
                return self._over(at)
            case VoiceStarted(at, _):
                # A pause that was long enough ends the piece before, also when this is heard of first.
                over = self._over(self._paused_at) if self._paused_at is not None and at - self._paused_at >= END_S else None
                self._begin(at)
                return over
            case VoiceAudio(at, _):
                self._begin(at)
                assert self._sound is not None  # noqa: S101 - just begun
                self._sound.add(event)
                return None
            case VoicePaused(at) if self._sound is not None:
                self._paused_at = at
                return None
        due = self.deadline
        return self._over(now if self._paused_at is None else self._paused_at) if due is not None and now >= due else None

    def _begin(self, at: float) -> None:
        self._paused_at = None
        if self._sound is None:
            self._sound, self._started_at = UtteranceAudio(), at

    def _over(self, ended_at: float) -> Spoken | None:
        if self._sound is None:
            return None
        pcm, self._sound, self._paused_at = self._sound.pcm(), None, None
        return Spoken(self._started_at, ended_at, pcm) if len(pcm) else None
