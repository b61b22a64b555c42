"""A planned call, run through the watch over its caller turn by turn, until a person takes over."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.audio import RATE, Pcm
from agents.conversation.attention import Advice, Heard
from agents.line import CallerAudio
from agents.stt.transcriber import Transcript
from agents.transcript import JsonValue, Turn
from tests.bench.emotion_calls.call import Call, Utterance
from tests.bench.emotion_calls.watching import Watches

BATCH: Final = RATE // 10
"""Samples of one piece of the caller's sound."""
UNHEARD_S_PER_WORD: Final = 0.35
"""How long an utterance lasts whose sound nobody made."""
TURN_WAIT_S: Final = 0.5
"""From the end of the caller's voice to the end of the turn; the voice is judged meanwhile."""
SILENCE_S: Final = 5.0
"""Before the agent says that it heard nothing."""
_THOUGHT_S: Final = 0.6
"""From the end of the agent's sentence to the caller's answer."""
_KINDS: Final = ("emotion", "concern", "escalation_rule")

Hearing = Callable[[Utterance, Pcm | None], Awaitable[Transcript]]
"""An utterance as the watch gets it."""


@dataclass(frozen=True, slots=True)
class Run:
    call: Call
    reached_after: int | None
    """Index of the utterance after which a person took over; None: nobody did."""
    reason: str
    told: tuple[Mapping[str, JsonValue], ...]
    """The watch's events, each with the ``utterance`` it follows."""
    texts: tuple[str, ...]
    decided_ms: tuple[float, ...]
    """From the end of the turn to the advice, for each utterance: real time."""

    @property
    def tried(self) -> bool:
        """An apology and another try were decided on."""
        return any(event.get("act") == "try_once" for event in self.told)


async def run(call: Call, sounds: Sequence[Pcm] | None, watches: Watches, hearing: Hearing) -> Run:
    """``sounds``: of each utterance, or None for a call of which the words alone are heard."""
    return await _Driver(call, sounds, watches, hearing).run()


class _Driver:
    """Time within the call passes as the plan says, not as the work takes."""

    def __init__(self, call: Call, sounds: Sequence[Pcm] | None, watches: Watches, hearing: Hearing) -> None:
        self._call, self._sounds, self._watches, self._hearing = call, sounds, watches, hearing
        self._now = time.monotonic()
        self._watch, self._written = watches.over(call, lambda: self._now)
        self._watch.connect(self._passed_on)
        self._turn = 0
        self._reason: str | None = None
        self._texts: list[str] = []
        self._decided_ms: list[float] = []

    def _passed_on(self, queue: str, reason: str, say: str) -> None:
        del queue, say
        self._reason = reason

    async def run(self) -> Run:
        reached: int | None = None
        told: list[Mapping[str, JsonValue]] = []
        try:
            for index, utterance in enumerate(self._call.utterances):
                before = len(self._written.events)
                self._agent_speaks(utterance.pause_s)
                advice = await self._caller_speaks(index, utterance)
                for after, kind in self._call.happenings:
                    if after == index:
                        self._now += SILENCE_S
                        self._watch.sink.event(kind, self._now, {})
                new = self._written.events[before:]
                told += [{"kind": kind, "utterance": index, **data} for kind, data in new if kind in _KINDS]
                if advice.pass_on is not None:
                    self._reason = advice.pass_on.reason
                if self._reason is not None:
                    reached = index
                    break
        finally:
            self._watch.close()
        return Run(self._call, reached, self._reason or "", tuple(told), tuple(self._texts), tuple(self._decided_ms))

    def _agent_speaks(self, pause_s: float) -> None:
        """Until the caller begins; words of no importance."""
        begun, self._now = self._now + 0.1, self._now + pause_s
        self._turn += 1
        ended = max(begun, self._now - _THOUGHT_S)
        self._watch.sink.turn(Turn(self._turn, "agent", "One moment.", "One moment.", begun, ended))

    async def _caller_speaks(self, index: int, utterance: Utterance) -> Advice:
        sound = self._sounds[index] if self._sounds is not None else None
        started = self._now
        lasts = len(sound) / RATE if sound is not None else UNHEARD_S_PER_WORD * len(utterance.text.split())
        ended, self._now = started + lasts, started + lasts + TURN_WAIT_S
        transcript = await self._hearing(utterance, sound)
        text = transcript.text
        self._texts.append(text)
        self._turn += 1
        heard = Heard(index + 1, 1, text, _pieces(sound, started), started, ended, confidence=transcript.confidence)
        self._watch.attention.glance(heard)
        await self._watches.judged()
        turn = Turn(self._turn, "caller", text, text, started, ended)
        since = time.perf_counter()
        self._watch.sink.turn(turn)
        advice = await self._watch.attention.answer(heard, turn, {})
        self._decided_ms.append((time.perf_counter() - since) * 1000)
        return advice


def _pieces(sound: Pcm | None, started: float) -> tuple[CallerAudio, ...]:
    if sound is None:
        return ()
    return tuple(CallerAudio(started + at / RATE, np.asarray(sound[at : at + BATCH])) for at in range(0, len(sound), BATCH))
