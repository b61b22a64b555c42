"""The listening half of a line: 8 kHz audio in order -> windows -> voice activity -> talk spurts with their audio.

Most of a call is silence, so a window goes up to 16 kHz only when the detector or the conversation wants it.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from agents.audio import RATE, Pcm
from ari_app.media.resample import Upsampler, to_pcm
from ari_app.media.vad import WINDOW, WINDOW_S, Gate, Samples, Vad
from ari_app.media.voice import PRE_ROLL, Started, VoiceTracker

_WINDOW_BYTES: Final = WINDOW
"""A window at 8 kHz: half the samples, two bytes each."""
_BATCH: Final = 3
"""Windows of speech sent together: 96 ms."""
_WARM_UP: Final = 3
"""Windows shown to the detector again when the level rises, so that its memory fits."""
_DRIFT: Final = 0.02
_REANCHOR_S: Final = 0.08


@dataclass(frozen=True, slots=True)
class SpurtStarted:
    at: float


@dataclass(frozen=True, slots=True)
class SpurtAudio:
    at: float
    pcm: Pcm
    """16 kHz."""


@dataclass(frozen=True, slots=True)
class SpurtPaused:
    at: float


Heard: TypeAlias = SpurtStarted | SpurtAudio | SpurtPaused


class Listener:
    """One caller. Feed decoded 8 kHz audio as it comes; get talk spurts. Times are those of the audio, not of the decision."""

    __slots__ = ("_batch", "_before", "_epoch", "_gate", "_kept", "_number", "_pending", "_raised", "_tracker", "_upsampler", "_vad")

    def __init__(self, session: Any) -> None:
        self._vad = Vad(session)
        self._gate = Gate()
        self._tracker = VoiceTracker()
        self._upsampler = Upsampler()
        self._pending = bytearray()
        self._before = np.zeros(WINDOW // 2, dtype=np.int16)
        """The 8 kHz window in front of ``_kept``."""
        self._kept: deque[Pcm] = deque()
        """The latest 8 kHz windows that have not gone up to 16 kHz."""
        self._raised: deque[tuple[int, Samples]] = deque(maxlen=PRE_ROLL + 4)
        """The latest 16 kHz windows with their numbers; the pre-roll is taken from here."""
        self._batch: list[tuple[int, Samples]] = []
        self._number = 0
        self._epoch: float | None = None

    @property
    def speaking(self) -> bool:
        """Whether the caller is in a talk spurt."""
        return self._tracker.speaking

    @property
    def judged(self) -> int:
        """Times the model was run."""
        return self._vad.runs

    def feed(self, pcm8: bytes, now: float) -> list[Heard]:
        """Take signed 16-bit samples at 8 kHz that arrived at ``now``."""
        self._pending += pcm8
        self._follow_clock(now)
        heard: list[Heard] = []
        while len(self._pending) >= _WINDOW_BYTES:
            window = np.frombuffer(bytes(self._pending[:_WINDOW_BYTES]), dtype=np.int16)
            del self._pending[:_WINDOW_BYTES]
            heard += self._judge(window)
        return heard

    def _follow_clock(self, now: float) -> None:
        """When window 0 began, seen from here; follows the peer's clock slowly, and a jump at once."""
        audio_s = self._number * WINDOW_S + len(self._pending) / RATE
        epoch = now - audio_s
        if self._epoch is None or abs(epoch - self._epoch) > _REANCHOR_S:
            self._epoch = epoch
        else:
            self._epoch += _DRIFT * (epoch - self._epoch)

    def _time_of(self, window: int) -> float:
        return (self._epoch or 0.0) + window * WINDOW_S

    def _judge(self, window: Pcm) -> list[Heard]:
        self._number += 1
        self._kept.append(window)
        if self._tracker.speaking:
            return self._while_speaking()
        if not self._gate.opens(window):
            if len(self._kept) > PRE_ROLL + 4:
                self._before = self._kept.popleft()
            self._tracker.step(0.0)
            return []
        return self._while_silent()

    def _while_silent(self) -> list[Heard]:
        raised = self._raise()
        self._raised.extend(raised)
        judged = self._vad.probabilities([samples for _, samples in raised[-1 - _WARM_UP :]])
        change = self._tracker.step(judged[-1])
        if not isinstance(change, Started):
            return []
        self._batch = [kept for kept in self._raised if kept[0] >= change.window - PRE_ROLL]
        self._raised.clear()
        return [SpurtStarted(self._time_of(change.window)), *self._send()]

    def _while_speaking(self) -> list[Heard]:
        if len(self._kept) < self._tracker.patience:
            return []
        raised = self._raise()
        self._batch += raised
        for probability in self._vad.probabilities([samples for _, samples in raised]):
            change = self._tracker.step(probability)
        if change is not None:
            return [*self._send(), SpurtPaused(self._time_of(change.window))]
        return self._send() if len(self._batch) >= _BATCH else []

    def _raise(self) -> list[tuple[int, Samples]]:
        """The windows kept, at 16 kHz, numbered."""
        self._upsampler.follow(self._before)
        samples = self._upsampler.feed(np.concatenate(self._kept))
        first = self._number - len(self._kept)
        self._before = self._kept[-1]
        count = len(self._kept)
        self._kept.clear()
        return [(first + index, samples[index * WINDOW : (index + 1) * WINDOW]) for index in range(count)]

    def _send(self) -> list[Heard]:
        if not self._batch:
            return []
        at = self._time_of(self._batch[0][0])
        pcm = to_pcm(np.concatenate([samples for _, samples in self._batch]))
        self._batch = []
        return [SpurtAudio(at, pcm)]
