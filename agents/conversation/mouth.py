"""The agent's replies on their way over the line: sentence by sentence, each made while the one before it is heard."""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable
from typing import Final

from agents.conversation.clip_names import names_on
from agents.conversation.manner_in_force import MannerInForce
from agents.conversation.messages import LastWordsOver, SpeechFailed
from agents.conversation.one_by_one import OneByOne, reads_back
from agents.conversation.prepared import Prepared
from agents.conversation.reply import Answered, Clip, Reply
from agents.flows.acts import Act
from agents.line import Line, PlaybackFinished, PlaybackPaused, PlaybackResumed, PlaybackStarted, PlaybackStopped
from agents.tts.languages import LanguageSpeakers
from agents.tts.speaker import Speaker, SpeechError
from agents.turns.knobs import WaitLimits

log = logging.getLogger(__name__)

_LATELY: Final = 4
"""Clips remembered for telling the agent's own words from the caller's."""


class Mouth:
    """Owns everything that is being synthesised or played.

    The manner in force decides how it sounds, never what is said: the pace when a sentence is handed to the line, the pauses of a number
    when it is given to the voice.
    """

    def __init__(
        self,
        line: Line,
        speaker: Speaker,
        limits: WaitLimits,
        clock: Callable[[], float],
        report: Callable[[SpeechFailed | LastWordsOver], None],
        manner: MannerInForce | None = None,
    ) -> None:
        self._line = line
        self._speaker = speaker
        self._limits = limits
        self._clock = clock
        self._report = report
        self._manner = manner or MannerInForce()
        self._names = names_on(line)
        self._tasks: set[asyncio.Task[None]] = set()
        self._prepared: set[Prepared] = set()
        self._sending = asyncio.Lock()
        self._lately: deque[Clip] = deque(maxlen=_LATELY)
        self.active: list[Reply] = []
        """Replies not yet heard to their end, in order."""

    def prepare(self, text: str, language: str = "") -> Prepared:
        """Begin with a sentence before it is certain that it will be said. ``language`` empty: that of the agent."""
        self._prepared = {p for p in self._prepared if not p.idle}
        speaker = self._speaker
        if language and isinstance(speaker, LanguageSpeakers):
            speaker = speaker.for_language(language)
        if one_by_one := self._one_by_one(text, language):
            speaker = OneByOne(speaker, language)
        prepared = Prepared(speaker, text, self._limits, self._clock, one_by_one=one_by_one)
        prepared.pace = self._manner.now.pace
        self._prepared.add(prepared)
        return prepared

    def _one_by_one(self, text: str, language: str) -> bool:
        return self._manner.now.slow_readback and reads_back(text, language)

    def begin(self, acts: list[Act], answered: Answered | None, first: Prepared | None, *, interruptible: bool = True) -> Reply:
        """A reply whose clips have their names; ``speak`` sends them. ``first`` is one of its first sentences, if that was prepared."""
        reply = Reply.of(self._names.reply(), acts, answered, interruptible=interruptible)
        if first is not None:
            self._assign(first, reply.clips)
        if reply.clips:
            self.active.append(reply)
        return reply

    def _assign(self, prepared: Prepared, clips: list[Clip]) -> None:
        """To the clip that says it, unless the manner has changed meanwhile; something may be said before it that nobody foresaw."""
        clip = next((clip for clip in clips if clip.text == prepared.text), None)
        if clip is None or prepared.one_by_one != self._one_by_one(clip.text, clip.language):
            prepared.abandon()
        else:
            clip.prepared = prepared

    def grow(self, reply: Reply, acts: list[Act], first: Prepared | None = None, *, interruptible: bool = True) -> list[Clip]:
        """More of a reply that is growing; the clips that are new."""
        fresh = reply.add(acts, interruptible=interruptible)
        if first is not None:
            self._assign(first, fresh)
        if fresh and reply not in self.active:
            self.active.append(reply)
        return fresh

    def speak(self, reply: Reply, last_words: Callable[[], bool]) -> None:
        """Send it, behind the replies that are being sent already; to be called once, when it has its first sentence.

        ``last_words`` tells, when all of it is sent, whether the call ends with it.
        """
        first = reply.clips[0]
        first.prepared = first.prepared or self.prepare(first.text, first.language)
        task = asyncio.create_task(self._send(reply, last_words))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, reply: Reply, last_words: Callable[[], bool]) -> None:
        try:
            async with self._sending:  # whoever waits for it gets it in the order of asking
                index = 0
                while index < len(reply.clips) or reply.growing:
                    if reply.stopped:
                        return
                    if index < len(reply.clips):
                        await self._send_clip(reply, index, reply.clips[index])
                        index += 1
                    else:
                        reply.grown.clear()
                        await reply.grown.wait()
        except SpeechError as error:
            log.warning("speech_failed", extra={"speaker": self._speaker.name, "error": str(error)})
            self._report(SpeechFailed(reply.number))
            return
        except Exception:
            log.exception("playing_failed", extra={"speaker": self._speaker.name})
            self._report(SpeechFailed(reply.number))
            return
        if last_words():
            await self._see_to_the_end()

    async def _see_to_the_end(self) -> None:
        """A line that plays nothing more, or does not say so, must not keep the conversation for ever."""
        left_s, before_s = self.left_s(self._clock()), math.inf
        while 0 < left_s < before_s:
            await asyncio.sleep(left_s + self._limits.last_words_s)
            left_s, before_s = self.left_s(self._clock()), left_s
        self._report(LastWordsOver())

    async def _send_clip(self, reply: Reply, index: int, clip: Clip) -> None:
        clip.prepared = prepared = clip.prepared or self.prepare(clip.text, clip.language)
        await prepared.first()
        if reply.stopped:
            return
        if index + 1 < len(reply.clips):
            following = reply.clips[index + 1]
            following.prepared = following.prepared or self.prepare(following.text, following.language)
        clip.handed_over = True
        prepared.pace = self._manner.now.pace
        await self._line.play(clip.id, prepared.chunks(), interruptible=clip.interruptible)
        if prepared.broken:
            raise SpeechError(f"the voice {self._speaker.name} failed in the middle of a sentence")

    async def stop(self, utterance: int) -> list[PlaybackStopped]:
        """Silence at once. Returns the ends of the clips of which the line never knew; it reports the others itself."""
        unknown = []
        for reply in self.active:
            if reply.stopped:
                continue
            reply.stopped, reply.interrupted_by = True, utterance
            reply.complete()
            for clip in reply.clips:
                if clip.prepared is not None and not clip.prepared.complete:
                    clip.prepared.abandon()
                if not clip.handed_over:
                    unknown.append(PlaybackStopped(clip.id, self._clock(), 0.0))
        await self._line.stop()
        return unknown

    def note(self, event: PlaybackStarted | PlaybackPaused | PlaybackResumed | PlaybackFinished | PlaybackStopped) -> None:
        clip = next((clip for reply in self.active for clip in reply.clips if clip.id == event.clip), None)
        if clip is None:
            return
        clip.note(event)
        if isinstance(event, PlaybackStarted):
            self._lately.append(clip)

    def knows(self, clip: str) -> bool:
        """Whether it is one of those that are not over."""
        return any(clip == mine.id for reply in self.active for mine in reply.clips)

    def text_of(self, clip: str) -> str:
        """What it says; empty when it is none of those that are not over."""
        return next((mine.text for reply in self.active for mine in reply.clips if mine.id == clip), "")

    @property
    def sounding(self) -> Clip | None:
        """The sentence that the caller is hearing; one that is held counts too."""
        begun = (clip for reply in self.active for clip in reply.clips if clip.started_at is not None and clip.ended_at is None)
        return next(begun, None)

    @property
    def shielded(self) -> bool:
        """Only the knobs protect what is begun or queued from the caller's voice; keys may stop it."""
        left = [clip for reply in self.active if not reply.stopped for clip in reply.clips if clip.ended_at is None]
        return not all(clip.interruptible for clip in left) and not any(clip.due for clip in left)

    def left_s(self, at: float) -> float:
        """Seconds of everything begun or queued that the caller has still to hear."""
        return sum(reply.left_s(at) for reply in self.active)

    def said_since(self, since: float, now: float) -> str:
        """The words that left for the caller after ``since``."""
        return " ".join(words for clip in self._lately if (words := clip.said_since(since, now)))

    def take_over(self, open_clips: set[str]) -> list[Reply]:
        """Replies none of whose clips is among ``open_clips`` any more, taken out."""
        done = [reply for reply in self.active if not reply.growing and not any(clip.id in open_clips for clip in reply.clips)]
        self.active = [reply for reply in self.active if reply not in done]
        return done

    def give_up(self) -> list[Reply]:
        """Everything that is not over, taken out as it is now: nobody will tell how it ends."""
        now = self._clock()
        for reply in self.active:
            reply.complete()
            reply.leave(now)
        return self.take_over(set())

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *(prepared.closed() for prepared in self._prepared), return_exceptions=True)
