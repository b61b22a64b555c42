"""What voice activity and turn logic cost of a processor core: the real parts fed with a caller's audio, packet by packet, and timed.

By the thread's own processor time, so that a busy machine does not count. The recogniser, the voice and the packets are left out.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np

from agents.audio import Pcm
from agents.endpointing.evidence import Evidence, Grasp
from agents.endpointing.judge import EndOfTurnJudge
from agents.line import VoicePaused, VoiceStarted
from agents.turns.events import Expected, Tick, Transcribe, TurnEvent, Understood, Words
from agents.turns.knobs import TurnKnobs
from agents.turns.machine import TurnMachine
from ari_app.media.g711 import RATE
from ari_app.media.listen import Listener, SpurtAudio, SpurtPaused, SpurtStarted
from ari_app.media.vad import shared_session
from tests.bench.turns.sound import Sound

SILENCE_S: Final = 3.0
"""Between two sentences of the caller: it speaks about half of the time, more than callers do."""
MINUTE_S: Final = 60.0
_PACKET: Final = RATE // 50
_PARTIAL_S: Final = 0.5


class Meter:
    """Adds up processor time by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        began = time.thread_time()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.thread_time() - began


def measured(sounds: Sequence[Sound], length_s: float = MINUTE_S) -> dict[str, float]:
    """Per cent of a core by part: ``voice_activity``, ``end_of_turn`` (words, melody, habits), ``turn_machine``."""
    meter = Meter()
    listener = Listener(shared_session())
    logic = _Logic(meter)
    audio = _line(sounds, length_s)
    for index in range(0, len(audio) - _PACKET + 1, _PACKET):
        now = index / RATE
        packet = audio[index : index + _PACKET].tobytes()
        with meter.on("voice_activity"):
            heard = listener.feed(packet, now)
        for each in heard:
            if isinstance(each, SpurtStarted):
                logic.started(each.at, now)
            elif isinstance(each, SpurtAudio):
                logic.audio(each.pcm, now)
            elif isinstance(each, SpurtPaused):
                logic.paused(each.at, now)
        logic.tick(now)
    return {name: 100 * seconds / length_s for name, seconds in meter.seconds.items()}


class _Logic:
    """Turn machine and end-of-turn judge of one call, with transcripts that come at once."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._machine = TurnMachine(TurnKnobs())
        self._judge = EndOfTurnJudge()
        self._utterance: list[Pcm] = []
        self._partial_at = 0.0

    def started(self, at: float, now: float) -> None:
        self._step(VoiceStarted(at, None), now)
        self._partial_at = now + _PARTIAL_S

    def audio(self, pcm: Pcm, now: float) -> None:
        self._utterance.append(pcm)
        if now >= self._partial_at:
            self._partial_at = now + _PARTIAL_S
            self._step(Tick(), now)

    def paused(self, at: float, now: float) -> None:
        self._step(VoicePaused(at), now)

    def tick(self, now: float) -> None:
        if (due := self._machine.deadline) is not None and due <= now:
            self._step(Tick(), now)

    def _step(self, event: TurnEvent, now: float) -> None:
        with self._meter.on("turn_machine"):
            actions = self._machine.step(event, now)
        for action in actions:
            if isinstance(action, Transcribe):
                self._understood(action, now)

    def _understood(self, action: Transcribe, now: float) -> None:
        pcm = np.concatenate(self._utterance) if self._utterance else np.zeros(0, dtype=np.int16)
        wait_s = 0.0
        if not action.partial:
            evidence = Evidence("I would like to know where my order is", pcm, len(pcm) / 16_000, Grasp.UNKNOWN, Expected.OPEN, "Hello.")
            with self._meter.on("end_of_turn"):
                wait_s = self._judge.wait_s(evidence, TurnKnobs().endpointing).wait_s
            self._utterance = []
        self._step(Understood(action.utterance, action.revision, Words.SPEECH, 9, wait_s), now)


def _line(sounds: Sequence[Sound], length_s: float) -> Pcm:
    """Sentences with silence between, as long as wanted."""
    gap = np.zeros(round(SILENCE_S * RATE), dtype=np.int16)
    parts: list[Pcm] = []
    index = 0
    while sum(len(part) for part in parts) < length_s * RATE:
        parts += [sounds[index % len(sounds)].pcm, gap]
        index += 1
    return np.concatenate(parts)[: round(length_s * RATE)]
