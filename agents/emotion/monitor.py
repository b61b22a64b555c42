"""One caller's feelings over a call: the voice judged in an executor while the turn may still go on, then fused with words and behaviour.

Nothing here raises and nothing blocks the loop: a judgement of the voice that fails or is late is left out of the feeling, and the log
has the reason once for the call. The audio is looked at in one place, ``glance``, and only where mode, notice and line allow it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from agents.audio import RATE, Pcm
from agents.conversation.attention import Heard
from agents.emotion import behaviour as deeds
from agents.emotion.behaviour import Behaviour
from agents.emotion.clarity import clarity
from agents.emotion.course import USUAL, Course, CourseKnobs, step
from agents.emotion.fusion import fuse, neutral
from agents.emotion.signs import Feeling, Mode, Mood, VoiceSigns, WordSigns
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.features import VoiceFeatures, measure
from agents.emotion.voice.judge import VoiceJudge
from agents.emotion.voice.listen import hear
from agents.line import CallerAudio
from agents.transcript import Turn

LISTENED_S: Final = 10.0
"""Of a longer utterance its end is judged: what it costs has a bound, and its end is how the caller feels now."""
LEAST_WEIGHT: Final = 0.05
"""With which even a furious utterance changes the caller's usual."""

log = logging.getLogger(__name__)


class Reader(Protocol):
    """What reads the words: ``agents.emotion.words.reading.WordReader`` of one language."""

    def read(self, text: str) -> WordSigns: ...


@dataclass(frozen=True, slots=True)
class VoiceHeard:
    features: VoiceFeatures
    signs: VoiceSigns


@dataclass(frozen=True, slots=True)
class _Glance:
    utterance: int
    revision: int
    started_at: float
    """Besides the number, as every conversation of a call counts its utterances from the start."""
    judgement: "Future[VoiceHeard | None]"

    def of(self, heard: Heard) -> bool:
        return (self.utterance, self.revision, self.started_at) == (heard.utterance, heard.revision, heard.started_at)


@dataclass(frozen=True, slots=True)
class _State:
    """All that an answer depends on; immutable, so that one can be foreseen."""

    course: Course = field(default_factory=Course)
    behaviour: Behaviour = field(default_factory=Behaviour)


def listen(audio: tuple[CallerAudio, ...], baseline: Baseline, judge: VoiceJudge) -> VoiceHeard | None:
    """Runs in the executor. None: too little voice. Raises TypeError for sound that is not tagged as the caller's."""
    pcm: Pcm | None = hear(audio)
    features = measure(pcm[-round(LISTENED_S * RATE) :]) if pcm is not None else None
    return VoiceHeard(features, judge.judge(features, baseline)) if features is not None else None


class EmotionMonitor:
    """Of one call; survives over its conversations. Methods are called on the loop.

    ``mode``: as configured; ``voice_allowed`` must be set besides once the caller has heard the notice of mode ``audio``.
    ``readers``: gives the reader of a language, at once: it is asked for every utterance.
    ``executor``: may refuse with RuntimeError, when it is closed or has too much to do.
    """

    def __init__(
        self, mode: Mode, *, readers: Callable[[str], Reader], judge: VoiceJudge, executor: Executor, knobs: CourseKnobs = USUAL
    ) -> None:
        self._mode: Mode = mode
        self.voice_allowed = False
        self._readers = readers
        self._judge = judge
        self._executor = executor
        self._knobs = knobs
        self._state = _State()
        self._baseline = Baseline.start()
        self._glance: _Glance | None = None
        self._to_learn: list[Future[VoiceHeard | None]] = []
        self._missed: set[str] = set()

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def mood(self) -> Mood:
        return self._state.course.mood

    def stop_voice(self) -> None:
        """From now on words and behaviour only, for the rest of the call: a person has joined, or the caller objects."""
        if self._mode == "audio":
            self._mode = "text"
        self.close()

    def close(self) -> None:
        """Nobody waits for a judgement any more. To be called at the end of the call."""
        if self._glance is not None:
            self._glance.judgement.cancel()
        self._glance = None
        self._to_learn.clear()
        self._baseline = Baseline.start()

    def happened(self, kind: str, at: float, data: Mapping[str, object]) -> None:
        """An event of the call as the records have it; ``at`` on the clock of the turns."""
        if self._mode != "off":
            self._state = replace(self._state, behaviour=deeds.happened(self._state.behaviour, kind, at, data))

    def glance(self, heard: Heard) -> None:
        """Begins to judge the voice; a later pause of the same utterance takes the place of an earlier one."""
        if self._mode != "audio" or not self.voice_allowed or not heard.audio or (self._glance and self._glance.of(heard)):
            return
        if self._glance is not None:
            self._glance.judgement.cancel()
        self._glance = None
        self._learn_late()
        try:
            judgement = self._executor.submit(listen, heard.audio, self._baseline, self._judge)
        except RuntimeError as error:
            self._left_out("voice_not_begun", error)
            return
        self._glance = _Glance(heard.utterance, heard.revision, heard.started_at, judgement)

    async def foresee(self, heard: Heard, language: str) -> tuple[Feeling, Mood]:
        """What ``answer`` would say if the turn ended with this pause. Nothing changes; waits for the voice as long as it takes."""
        if self._mode == "off":
            return neutral(), self.mood
        voice = await self._voice(heard, None)
        feeling, after = self._judged(heard, heard.text, language, voice)
        return feeling, after.course.mood

    async def answer(self, heard: Heard, turn: Turn, language: str, within_s: float = 0.08) -> tuple[Feeling, Mood]:
        """The turn is over. A voice that is not judged within ``within_s`` is left out: ``method`` tells."""
        if self._mode == "off":
            return neutral(), self.mood
        voice = await self._voice(heard, within_s)
        feeling, self._state = self._judged(heard, turn.text, language, voice)
        self._turn_over(voice, feeling)
        return feeling, self.mood

    def _judged(self, heard: Heard, text: str, language: str, voice: VoiceHeard | None) -> tuple[Feeling, _State]:
        at, clear = heard.ended_at, clarity(heard.confidence)
        behaviour = deeds.heard(self._state.behaviour, text, language, at, interrupting=heard.interrupting, clarity=clear)
        feeling = fuse(voice.signs if voice else None, self._read(text, language), deeds.signs(behaviour, at), clear)
        course, _ = step(self._state.course, feeling, at, self._knobs)
        return feeling, _State(course, behaviour)

    def _read(self, text: str, language: str) -> WordSigns:
        try:
            return self._readers(language).read(text)
        except Exception as error:
            # Such as a broken word list: no reason to lose the call.
            self._left_out("words_failed", error)
            return WordSigns()

    async def _voice(self, heard: Heard, within_s: float | None) -> VoiceHeard | None:
        self.glance(heard)
        glance = self._glance
        if glance is None or not glance.of(heard):
            return None
        await _done(glance.judgement, within_s)
        if glance is not self._glance or self._mode != "audio" or not self.voice_allowed:
            return None
        if not glance.judgement.done():
            self._left_out("voice_late")
            return None
        return self._outcome(glance.judgement)

    def _outcome(self, judgement: "Future[VoiceHeard | None]") -> VoiceHeard | None:
        """Of one that is done."""
        try:
            return judgement.result()
        except CancelledError:
            self._left_out("voice_cancelled")
        except Exception as error:
            # Whatever a judge or its model raises, the call goes on with the words.
            self._left_out("voice_failed", error)
        return None

    def _turn_over(self, voice: VoiceHeard | None, feeling: Feeling) -> None:
        glance, self._glance = self._glance, None
        if voice is not None:
            self._learn(voice, feeling.states["frustrated"].level)
        elif glance is not None and not glance.judgement.done():
            self._to_learn.append(glance.judgement)

    def _learn_late(self) -> None:
        """What came too late for its turn still tells how the caller usually sounds."""
        done = [judgement for judgement in self._to_learn if judgement.done()]
        self._to_learn = [judgement for judgement in self._to_learn if not judgement.done()]
        for judgement in done:
            if voice := self._outcome(judgement):
                self._learn(voice, 0.0)

    def _learn(self, voice: VoiceHeard, frustrated: float) -> None:
        """The baseline sees by itself how excited the voice is; what words and behaviour say of it comes on top."""
        self._baseline = self._baseline.with_(voice.features, max(LEAST_WEIGHT, 1 - frustrated))

    def _left_out(self, reason: str, error: Exception | None = None) -> None:
        """Logged once for each reason and call; the kind of error without its text, which could hold words."""
        if reason not in self._missed:
            self._missed.add(reason)
            log.warning("feeling_incomplete", extra={"reason": reason, "error": type(error).__name__ if error else ""})


async def _done(judgement: "Future[VoiceHeard | None]", within_s: float | None) -> None:
    """Waits for it, ``within_s`` at most. Whoever stops waiting does not cancel it: somebody else may wait too."""
    if judgement.done():
        return
    loop, ready = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: "Future[VoiceHeard | None]") -> None:
        with contextlib.suppress(RuntimeError):
            # The loop may be closed by then: nobody waits.
            loop.call_soon_threadsafe(ready.set)

    judgement.add_done_callback(tell)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await ready.wait()
