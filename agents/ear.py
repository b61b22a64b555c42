"""The caller's utterances: their sound, their transcripts in the making, and the turns that wait to be answered."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from agents.line import VoiceAudio
from agents.messages import Transcribed
from agents.stt.transcriber import Hint, Transcriber, Transcript, TranscriptionError
from agents.turns.events import Commit
from agents.utterance_audio import UtteranceAudio

log = logging.getLogger(__name__)


@dataclass(slots=True)
class PendingTurn:
    """A committed utterance on its way to an answer."""

    commit: Commit
    committed_at: float
    result: Transcribed | None = None


class Ear:
    """Transcribes early: at every pause, while it is still open whether the turn is over."""

    def __init__(self, transcriber: Transcriber, limit_s: float, report: Callable[[Transcribed], None]) -> None:
        self._transcriber = transcriber
        self._limit_s = limit_s
        self._report = report
        self._sounds: dict[int, UtteranceAudio] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._revisions: dict[int, int] = {}
        self._results: dict[int, Transcribed] = {}
        self._pending: list[PendingTurn] = []
        self.hint = Hint.SPEECH
        """What the agent has asked for."""

    def add(self, utterance: int, audio: VoiceAudio) -> None:
        self._sounds.setdefault(utterance, UtteranceAudio()).add(audio)

    def transcribe(self, utterance: int, revision: int) -> None:
        """Begin with the sound so far; an older revision of the same utterance is given up."""
        self.discard(utterance, whole=False)
        pcm, hint = self._sounds.get(utterance, UtteranceAudio()).pcm(), self.hint

        async def work() -> None:
            try:
                async with asyncio.timeout(self._limit_s):
                    transcript = await self._transcriber.transcribe(pcm, hint) if len(pcm) else Transcript("", 0.0)
                self._report(Transcribed(utterance, revision, transcript))
            except (TranscriptionError, TimeoutError) as error:
                log.warning("transcription_failed", extra={"transcriber": self._transcriber.name, "error": str(error) or "time limit"})
                self._report(Transcribed(utterance, revision, None))
            except Exception:
                log.exception("transcriber_broke_its_contract", extra={"transcriber": self._transcriber.name})
                self._report(Transcribed(utterance, revision, None))

        self._tasks[utterance] = asyncio.create_task(work())
        self._revisions[utterance] = revision

    def discard(self, utterance: int, *, whole: bool) -> None:
        """Give up the work on an utterance; with ``whole`` its sound as well."""
        if task := self._tasks.pop(utterance, None):
            task.cancel()
        self._revisions.pop(utterance, None)
        self._results.pop(utterance, None)
        if whole:
            self._sounds.pop(utterance, None)

    def accept(self, result: Transcribed) -> bool:
        """Keep a result; False when it is of no interest any more."""
        turn = next((t for t in self._pending if t.commit.utterance == result.utterance), None)
        if turn is not None:
            if turn.commit.revision != result.revision:
                return False
            turn.result = result
            return True
        if self._revisions.get(result.utterance) != result.revision:
            return False
        self._results[result.utterance] = result
        return True

    def commit(self, commit: Commit, now: float) -> None:
        """The turn is over: its transcript is there, on its way, or (when it was cut) has yet to be begun."""
        if commit.cut:
            self.transcribe(commit.utterance, commit.revision)
        self._pending.append(PendingTurn(commit, now, self._results.pop(commit.utterance, None)))

    @property
    def busy(self) -> bool:
        """A turn waits for its transcript."""
        return bool(self._pending)

    def next_turn(self) -> PendingTurn | None:
        """The oldest turn, taken out, once its transcript is there."""
        if not self._pending or self._pending[0].result is None:
            return None
        turn = self._pending.pop(0)
        self._sounds.pop(turn.commit.utterance, None)
        self._tasks.pop(turn.commit.utterance, None)
        self._revisions.pop(turn.commit.utterance, None)
        return turn

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
