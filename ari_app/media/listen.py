"""The listening half of a line: 8 kHz audio in order -> packets and windows -> voice activity -> talk spurts with their audio.

Most of a call is silence, so audio goes up to 16 kHz only when the detector or the conversation wants it. When the level rises, the
windows of the detector are laid anew so that one ends with the packet just come: waiting for the end of a fixed window would cost 10 ms
of the agent's reaction.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from agents.audio import RATE, Pcm
from ari_app.media.fading import Fading
from ari_app.media.g711 import level_dbov
from ari_app.media.resample import PAST, raised, to_pcm
from ari_app.media.suspicion import Suspicion, Verdict
from ari_app.media.vad import WINDOW, Gate, Samples, Vad
from ari_app.media.voice import PRE_ROLL, Paused, Started, VoiceSettings, VoiceTracker

_RATE8: Final = RATE // 2
_STEP: Final = _RATE8 // 50
"""Samples looked at together: 20 ms, a packet as nearly everybody sends them."""
_STEP_BYTES: Final = 2 * _STEP
_WINDOW: Final = WINDOW // 2
_BATCH: Final = 3 * _WINDOW
"""Samples of speech sent together: 96 ms."""
_WARM_UP: Final = 3
"""Windows shown to the detector again when the level rises, so that its memory fits."""
_CALM: Final = 2
"""Windows looked at together while there is no sign of a voice: asking the model twice costs half more than asking once."""
_CALM_BELOW: Final = 0.1
_HISTORY: Final = (PRE_ROLL + 8) * _WINDOW
_DRIFT: Final = 0.02
_REANCHOR_S: Final = 0.08


@dataclass(frozen=True, slots=True)
class SpurtSuspected:
    """A sound that may be the beginning of a talk spurt: SpurtStarted or SpurtDoubted follows."""


@dataclass(frozen=True, slots=True)
class SpurtDoubted:
    """It was none."""


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


Heard: TypeAlias = SpurtSuspected | SpurtDoubted | SpurtStarted | SpurtAudio | SpurtPaused


class Listener:
    """One caller. Feed decoded 8 kHz audio as it comes; get talk spurts. Times are those of the audio, not of the decision.

    Positions inside are samples at 8 kHz since the beginning.
    """

    def __init__(self, session: Any, settings: VoiceSettings | None = None, is_echo: Callable[[float], bool] | None = None) -> None:
        """``is_echo``: whether what was fed last is the agent's own voice coming back, asked with the time when it sounds like a voice."""
        self._settings = settings or VoiceSettings()
        self._suspect_rise_db = self._settings.suspect_rise_db
        self._is_echo = is_echo
        self._vad = Vad(session)
        self._gate = Gate()
        self._tracker = VoiceTracker(self._settings)
        self._suspicion = Suspicion(self._settings)
        self._fading = Fading(self._settings)
        self._audio = bytearray(2 * _HISTORY)
        """The latest audio; what lies before the beginning of the call is silence."""
        self._end = 0
        """Position behind ``_audio``."""
        self._stepped = 0
        """Position up to which packets were looked at."""
        self._judged = 0
        """Position up to which windows were looked at."""
        self._open_to = -_WINDOW
        """Position behind the latest packet that was worth asking the model."""
        self._sent = 0
        """Position up to which speech went to the conversation."""
        self._calm = False
        """No sign of a voice in the latest windows."""
        self._windows: deque[int] = deque(maxlen=128)
        """Where the latest windows began."""
        self._count = 0
        """Windows so far."""
        self._batch: list[Samples] = []
        self._epoch: float | None = None

    @property
    def speaking(self) -> bool:
        """Whether the caller is in a talk spurt."""
        return self._tracker.speaking

    @property
    def suspecting(self) -> bool:
        """Whether the latest sound may be the caller beginning to speak."""
        return self._suspicion.active

    @property
    def stirring(self) -> bool:
        """Whether the latest packet is a sound after silence of which nothing is known yet, not even that it may be a voice."""
        return self._suspicion.stirring

    def suspect(self) -> None:
        """Take what is ``stirring`` for a voice until more is known: SpurtStarted or SpurtDoubted follows."""
        self._suspicion.stirred()

    @property
    def judged(self) -> int:
        """Times the model was run."""
        return self._vad.runs

    def feed(self, pcm8: bytes, now: float) -> list[Heard]:
        """Take signed 16-bit samples at 8 kHz that arrived at ``now``."""
        self._audio += pcm8
        self._end += len(pcm8) // 2
        self._follow_clock(now)
        if len(pcm8) == _STEP_BYTES and self._end - self._stepped == _STEP:
            self._stepped = self._end
            heard = self._while_speaking() if self._tracker.speaking else self._while_silent(pcm8, now)
        else:
            heard = []
            while self._end - self._stepped >= _STEP:
                self._stepped += _STEP
                packet = self._bytes(self._stepped - _STEP, self._stepped)
                heard += self._while_speaking() if self._tracker.speaking else self._while_silent(packet, now)
        if len(self._audio) > 4 * _HISTORY:
            del self._audio[: len(self._audio) - 2 * _HISTORY]
        return heard

    def _follow_clock(self, now: float) -> None:
        """When the first sample was said, seen from here; follows the peer's clock slowly, and a jump at once."""
        epoch = now - self._end / _RATE8
        if self._epoch is None or abs(epoch - self._epoch) > _REANCHOR_S:
            self._epoch = epoch
        else:
            self._epoch += _DRIFT * (epoch - self._epoch)

    def _time_of(self, position: int) -> float:
        return (self._epoch or 0.0) + position / _RATE8

    def _bytes(self, start: int, end: int) -> bytearray:
        """The audio from position ``start`` to ``end``."""
        zero = len(self._audio) - 2 * self._end
        return self._audio[zero + 2 * start : zero + 2 * end]

    def _between(self, start: int, end: int) -> Pcm:
        return np.frombuffer(self._bytes(start, end), dtype=np.int16)

    def _raise(self, start: int, end: int) -> Samples:
        """The same at 16 kHz."""
        return raised(self._between(start - PAST, end))

    def _step_window(self, start: int, probability: float) -> Started | Paused | None:
        self._windows.append(start)
        self._count += 1
        return self._tracker.step(probability)

    def _start_of(self, window: int) -> int:
        return self._windows[window - self._count]

    def _while_silent(self, packet: bytes | bytearray, now: float) -> list[Heard]:
        rise, is_open = self._gate.measure(packet)
        warm = 0
        if is_open:
            if self._open_to <= self._judged - _WINDOW:
                # The level rises after silence: let a window end here.
                self._judged, warm = self._stepped - _WINDOW, _WARM_UP
            self._open_to = self._stepped
        waiting = (self._stepped - self._judged) // _WINDOW
        probability = 0.0
        if waiting and (waiting == _CALM or warm or not self._calm or rise >= self._suspect_rise_db):
            probabilities = self._judge(waiting, warm, now)
            probability = max(probabilities)
            self._calm = probability < _CALM_BELOW
            started, window = None, self._judged - waiting * _WINDOW
            for each in probabilities:
                change = self._step_window(window, each)
                window += _WINDOW
                if started is None and isinstance(change, Started):
                    started = change
            if started is not None:
                self._suspicion.clear()
                return self._begin(self._start_of(started.window))
        return self._suspect(rise, probability, now)

    def _judge(self, count: int, warm: int, now: float) -> list[float]:
        """How likely the next ``count`` windows are the caller's voice, after showing the model ``warm`` windows before them."""
        start, self._judged = self._judged, self._judged + count * _WINDOW
        if start >= self._open_to:
            return [0.0] * count
        probabilities = self._vad.probabilities(self._raise(start - warm * _WINDOW, self._judged))[-count:]
        return [0.0] * count if max(probabilities) > self._settings.doubt and self._returned(now) else probabilities

    def _returned(self, now: float) -> bool:
        return self._is_echo is not None and self._is_echo(now)

    def _suspect(self, rise: float, probability: float, now: float) -> list[Heard]:
        verdict = self._suspicion.step(rise, probability, self._tracker.evidence)
        if verdict is None:
            return []
        if verdict is Verdict.GO_ON:
            return [SpurtDoubted()]
        if self._returned(now):
            self._suspicion.reject()
            return []
        return [SpurtSuspected()]

    def _begin(self, first: int) -> list[Heard]:
        start = max(first - PRE_ROLL * _WINDOW, self._sent, self._judged - _HISTORY + _WINDOW)
        self._sent = start
        self._batch = [self._raise(start, self._judged)]
        levels = [level_dbov(self._bytes(window, window + _WINDOW)) for window in range(first, self._judged, _WINDOW)]
        self._fading.begin(max(levels), self._gate.floor)
        return [SpurtStarted(self._time_of(first)), *self._send()]

    def _while_speaking(self) -> list[Heard]:
        waiting = (self._stepped - self._judged) // _WINDOW
        if waiting < self._tracker.patience:
            return []
        start, self._judged = self._judged, self._judged + waiting * _WINDOW
        raised = self._raise(start, self._judged)
        self._batch.append(raised)
        change = None
        for index, probability in enumerate(self._vad.probabilities(raised)):
            window = start + index * _WINDOW
            silent = self._fading.step(level_dbov(self._bytes(window, window + _WINDOW)))
            change = self._step_window(window, 0.0 if silent else probability)
        if change is not None:
            self._open_to = self._judged
            return [*self._send(), SpurtPaused(self._time_of(self._start_of(change.window)))]
        return self._send() if self._judged - self._sent >= _BATCH else []

    def _send(self) -> list[Heard]:
        at = self._time_of(self._sent)
        pcm = to_pcm(np.concatenate(self._batch))
        self._sent, self._batch = self._judged, []
        return [SpurtAudio(at, pcm)]
