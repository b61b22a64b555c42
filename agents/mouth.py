"""The agent's replies on their way over the line: sentence by sentence, each made while the one before it is heard."""

import asyncio
import logging
from collections.abc import Callable

from agents.flows.acts import Act, Say
from agents.flows.sentences import split
from agents.line import Line, PlaybackFinished, PlaybackStarted, PlaybackStopped
from agents.messages import LastWordsOver, SpeechFailed
from agents.reply import Answered, Clip, Reply
from agents.speech import Prepared
from agents.tts.speaker import Speaker, SpeechError
from agents.turns.knobs import WaitLimits

log = logging.getLogger(__name__)


class Mouth:
    """Owns everything that is being synthesised or played."""

    def __init__(
        self,
        line: Line,
        speaker: Speaker,
        limits: WaitLimits,
        clock: Callable[[], float],
        report: Callable[[SpeechFailed | LastWordsOver], None],
    ) -> None:
        self._line = line
        self._speaker = speaker
        self._limits = limits
        self._clock = clock
        self._report = report
        self._replies = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._prepared: set[Prepared] = set()
        self.active: list[Reply] = []
        """Replies not yet heard to their end, in order."""

    def prepare(self, acts: list[Act]) -> Prepared | None:
        """Begin with the first sentence of ``acts``, before it is certain that it will be said."""
        first = next((act.text for act in acts if isinstance(act, Say)), "")
        sentences = split(first)
        return self._make(sentences[0]) if sentences else None

    def _make(self, text: str) -> Prepared:
        self._prepared = {p for p in self._prepared if not p.idle}
        prepared = Prepared(self._speaker, text, self._limits, self._clock)
        self._prepared.add(prepared)
        return prepared

    def begin(self, acts: list[Act], answered: Answered | None, first: Prepared | None) -> Reply:
        """A reply whose clips have their names; ``speak`` sends them."""
        self._replies += 1
        reply = Reply.of(self._replies, acts, answered)
        if first is not None and (not reply.clips or reply.clips[0].text != first.text):
            first.abandon()
        elif first is not None:
            reply.clips[0].prepared = first
        if reply.clips:
            self.active.append(reply)
        return reply

    def speak(self, reply: Reply, *, last_words: bool) -> None:
        task = asyncio.create_task(self._send(reply, last_words))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, reply: Reply, last_words: bool) -> None:
        try:
            for index, clip in enumerate(reply.clips):
                await self._send_clip(reply, index, clip)
                if reply.stopped:
                    return
        except SpeechError as error:
            log.warning("speech_failed", extra={"speaker": self._speaker.name, "error": str(error)})
            self._report(SpeechFailed(reply.number))
            return
        except Exception:
            log.exception("playing_failed", extra={"speaker": self._speaker.name})
            self._report(SpeechFailed(reply.number))
            return
        if last_words:
            await asyncio.sleep(sum(clip.length_s for clip in reply.clips) + self._limits.last_words_s)
            self._report(LastWordsOver())

    async def _send_clip(self, reply: Reply, index: int, clip: Clip) -> None:
        clip.prepared = prepared = clip.prepared or self._make(clip.text)
        await prepared.first()
        if reply.stopped:
            return
        if index + 1 < len(reply.clips):
            following = reply.clips[index + 1]
            following.prepared = self._make(following.text)
        clip.handed_over = True
        await self._line.play(clip.id, prepared.chunks(), interruptible=clip.interruptible)
        if prepared.broken:
            raise SpeechError(f"the voice {self._speaker.name} failed in the middle of a sentence")

    async def stop(self, utterance: int) -> list[PlaybackStopped]:
        """Silence at once. Returns the ends of the clips of which the line never knew; it reports the others itself."""
        unknown = []
        for reply in self.active:
            reply.stopped, reply.interrupted_by = True, utterance
            for clip in reply.clips:
                if clip.prepared is not None and not clip.prepared.complete:
                    clip.prepared.abandon()
                if not clip.handed_over:
                    unknown.append(PlaybackStopped(clip.id, self._clock(), 0.0))
        await self._line.stop()
        return unknown

    def note(self, event: PlaybackStarted | PlaybackFinished | PlaybackStopped) -> None:
        clip = next((clip for reply in self.active for clip in reply.clips if clip.id == event.clip), None)
        if clip is None:
            return
        match event:
            case PlaybackStarted():
                clip.started_at = event.at
            case PlaybackFinished():
                clip.ended_at, clip.finished = event.at, True
            case PlaybackStopped():
                clip.ended_at, clip.heard_s = event.at, event.heard_s

    def take_over(self, open_clips: set[str]) -> list[Reply]:
        """Replies none of whose clips is among ``open_clips`` any more, taken out."""
        done = [reply for reply in self.active if not any(clip.id in open_clips for clip in reply.clips)]
        self.active = [reply for reply in self.active if reply not in done]
        return done

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *(prepared.closed() for prepared in self._prepared), return_exceptions=True)
