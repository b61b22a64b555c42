"""The caller's utterances: their sound, their transcripts in the making, and the turns that wait to be answered."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agents.audio import Pcm
from agents.conversation.messages import Transcribed
from agents.conversation.utterance_audio import UtteranceAudio
from agents.line import CallerAudio, LineEvent, VoiceAudio, VoicePaused, VoiceStarted
from agents.stt.languages import LanguageTranscribers
from agents.stt.transcriber import Hint, Transcriber, Transcript, TranscriptionError
from agents.turns.events import Commit

log = logging.getLogger(__name__)

GLANCE_S: Final = 8.0
"""Of a long utterance a partial transcript holds the end only: its cost must not grow with the caller's patience."""


@dataclass(slots=True)
class PendingTurn:
    """A committed utterance on its way to an answer."""

    commit: Commit
    committed_at: float
    wait_s: float | None = None
    """Silence that was decided to end it; None: the words came too late for a decision."""
    result: Transcribed | None = None
    audio: tuple[CallerAudio, ...] = ()
    """Its sound, where that is known to be the caller's."""


class Ear:
    """Transcribes early: at every pause, while it is still open whether the turn is over. ``clock`` is the line's."""

    def __init__(self, transcriber: Transcriber, limit_s: float, report: Callable[[Transcribed], None], clock: Callable[[], float]) -> None:
        self._transcriber = transcriber
        self._limit_s = limit_s
        self._report = report
        self._clock = clock
        self._sounds: dict[int, UtteranceAudio] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._revisions: dict[int, int] = {}
        self._results: dict[int, Transcribed] = {}
        self._glance: tuple[int, asyncio.Task[None]] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._pending: list[PendingTurn] = []
        self.hint = Hint.SPEECH
        """What the agent has asked for."""
        self.language = ""
        """In which an answer is expected; empty: that of the agent."""

    def add(self, utterance: int, audio: VoiceAudio) -> None:
        self._sounds.setdefault(utterance, UtteranceAudio()).add(audio)

    def sound(self, utterance: int, last_s: float | None = None) -> Pcm:
        """What was said so far, or the last ``last_s`` seconds of it."""
        return self._sounds.get(utterance, UtteranceAudio()).pcm(last_s)

    def callers_own(self, utterance: int) -> tuple[CallerAudio, ...]:
        """What was said so far, as the line tagged it; empty when not all of it is known to be the caller's."""
        sound = self._sounds.get(utterance)
        return sound.callers_own() if sound is not None else ()

    def transcribe(self, utterance: int, revision: int) -> None:
        """Begin with the sound so far; an older revision of the same utterance, and any glance, is given up."""
        self.discard(utterance, whole=False)
        pcm, hint, begun = self.sound(utterance), self.hint, self._clock()

        async def work() -> None:
            transcript = await self._recognise(pcm, hint)
            self._report(Transcribed(utterance, revision, transcript, begun, self._clock()))

        self._tasks[utterance] = asyncio.create_task(work())
        self._revisions[utterance] = revision

    def glance(self, utterance: int, revision: int) -> None:
        """Transcribe in the middle of the voice; there is one at a time, and the next pause puts an end to it."""
        self._look_away()
        pcm, hint, begun = self.sound(utterance, GLANCE_S), self.hint, self._clock()

        async def work() -> None:
            transcript = await self._recognise(pcm, hint)
            self._report(Transcribed(utterance, revision, transcript, begun, self._clock(), partial=True))

        self._glance = (utterance, asyncio.create_task(work()))

    def _look_away(self) -> None:
        if self._glance is not None:
            self._give_up(self._glance[1])
            self._glance = None

    async def _recognise(self, pcm: Pcm, hint: Hint) -> Transcript | None:
        """None when the recogniser fails or passes its limit."""
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._listener().transcribe(pcm, hint) if len(pcm) else Transcript("", 0.0)
        except (TranscriptionError, TimeoutError) as error:
            log.warning("transcription_failed", extra={"transcriber": self._transcriber.name, "error": str(error) or "time limit"})
        except Exception:
            log.exception("transcriber_broke_its_contract", extra={"transcriber": self._transcriber.name})
        return None

    def _listener(self) -> Transcriber:
        transcriber = self._transcriber
        return transcriber.for_language(self.language) if self.language and isinstance(transcriber, LanguageTranscribers) else transcriber

    def discard(self, utterance: int, *, whole: bool) -> None:
        """Give up the work on an utterance; with ``whole`` its sound as well."""
        if self._glance is not None and self._glance[0] == utterance:
            self._look_away()
        self._give_up(self._tasks.pop(utterance, None))
        self._revisions.pop(utterance, None)
        self._results.pop(utterance, None)
        if whole:
            self._sounds.pop(utterance, None)

    def _give_up(self, task: asyncio.Task[None] | None) -> None:
        if task is not None and not task.done():
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def accept(self, result: Transcribed) -> bool:
        """Keep the result of a pause; True when it is about words that may still go on."""
        turn = next((t for t in self._pending if t.commit.utterance == result.utterance), None)
        if turn is not None:
            if turn.commit.revision == result.revision:
                turn.result = result
            return False
        if self._revisions.get(result.utterance) != result.revision:
            return False
        self._results[result.utterance] = result
        return True

    def commit(self, commit: Commit, now: float, wait_s: float | None) -> None:
        """The turn is over: its transcript is there, on its way, or (when it was cut) has yet to be begun."""
        if commit.cut:
            self.transcribe(commit.utterance, commit.revision)
        self._pending.append(PendingTurn(commit, now, wait_s, self._results.pop(commit.utterance, None)))

    @property
    def busy(self) -> bool:
        """A turn waits for its transcript."""
        return bool(self._pending)

    def unanswered(self) -> list[LineEvent]:
        """The turns that wait for their transcript, as the line reported them."""
        return [
            event for turn in self._pending for event in self.replay(turn.commit.utterance, turn.commit.started_at, turn.commit.ended_at)
        ]

    def replay(self, utterance: int, started_at: float, ended_at: float | None) -> list[LineEvent]:
        """An utterance as the line reported it; ``ended_at`` None: the voice is still on."""
        heard: list[LineEvent] = [VoiceStarted(started_at, None), VoiceAudio(started_at, self.sound(utterance))]
        return heard if ended_at is None else [*heard, VoicePaused(ended_at)]

    def next_turn(self) -> PendingTurn | None:
        """The oldest turn, taken out, once its transcript is there."""
        if not self._pending or self._pending[0].result is None:
            return None
        turn = self._pending.pop(0)
        turn.audio = self.callers_own(turn.commit.utterance)
        self._sounds.pop(turn.commit.utterance, None)
        self._tasks.pop(turn.commit.utterance, None)
        self._revisions.pop(turn.commit.utterance, None)
        return turn

    async def close(self) -> None:
        self._look_away()
        for task in self._tasks.values():
            self._give_up(task)
        await asyncio.gather(*self._ending, return_exceptions=True)
