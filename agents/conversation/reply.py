"""One thing the agent says: its sentences as clips, and what the caller has heard of them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from agents.conversation.heard import heard_words
from agents.conversation.prepared import Prepared
from agents.flows.acts import Act, Listen, Say
from agents.flows.sentences import spoken
from agents.line import PlaybackFinished, PlaybackPaused, PlaybackResumed, PlaybackStarted, PlaybackStopped

CHARACTERS_PER_S: Final = 15.0
"""A usual speaking rate; stands in for the length of a sentence whose synthesis has not ended."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was done for an answer while it was open whether the turn was over. Times in s on the line's clock."""

    begun_at: float
    """When the recogniser began with the words that counted."""
    transcribed_at: float
    committed_at: float
    voice_from: float | None = None
    """When the first sentence, as it was said in the end, was given to the voice; None: not before the turn was over."""

    def saved_s(self, first_audio_s: float | None) -> float:
        """Seconds of work that were done by the end of the turn, so that the caller did not wait for them.

        ``first_audio_s`` is what the voice took for the first sentence.
        """
        ready = self.transcribed_at
        if self.voice_from is not None and first_audio_s is not None:
            ready = self.voice_from + first_audio_s
        return max(0.0, min(ready, self.committed_at) - self.begun_at)


@dataclass(slots=True)
class Answered:
    """The caller's turn that a reply answers, with the milliseconds spent so far."""

    ended_at: float
    latency_ms: dict[str, float]
    ahead: Ahead | None = None
    """None: nothing can be done ahead for keys."""


def first_sentence(acts: list[Act]) -> Say | None:
    """What a reply begins with; None when it has no words."""
    found = ((sentence, act) for act in acts if isinstance(act, Say) for sentence in spoken(act.text, act.language))
    return next((Say(sentence, language=act.language) for sentence, act in found), None)


@dataclass(slots=True)
class Clip:
    id: str
    text: str
    interruptible: bool
    """By the caller's voice."""
    due: bool = False
    """Must be heard to its end, whatever happens."""
    language: str = ""
    """Empty: that of the agent."""
    prepared: Prepared | None = None
    handed_over: bool = False
    started_at: float | None = None
    ended_at: float | None = None
    """When the last that was heard of it left: a clip may be stopped in the middle of a pause."""
    heard_s: float = 0.0
    """As the line reported it last."""
    finished: bool = False
    _running_since: float | None = None
    _still_at: float | None = None

    @property
    def length_s(self) -> float:
        """Of the whole clip; estimated while it is not complete."""
        if self.prepared is None:
            return len(self.text) / CHARACTERS_PER_S
        made = self.prepared.duration_s
        return made if self.prepared.complete else max(made, len(self.text) / CHARACTERS_PER_S / self.prepared.pace)

    @property
    def heard(self) -> str:
        return self.text if self.finished else self._heard_in(self.heard_s)

    def _heard_in(self, heard_s: float) -> str:
        return heard_words(self.text, self.prepared.words if self.prepared else (), heard_s, self.length_s)

    def note(self, event: PlaybackStarted | PlaybackPaused | PlaybackResumed | PlaybackFinished | PlaybackStopped) -> None:
        match event:
            case PlaybackStarted():
                self.started_at = self._running_since = event.at
            case PlaybackResumed():
                self._running_since = event.at
            case PlaybackPaused():
                self.heard_s, self._running_since, self._still_at = event.heard_s, None, event.at
            case PlaybackFinished():
                self.heard_s, self._running_since, self._still_at = self.length_s, None, event.at
                self.ended_at, self.finished = event.at, True
            case PlaybackStopped():
                paused_at = self._still_at if self._running_since is None else None
                self.ended_at = event.at if paused_at is None else paused_at
                self.heard_s, self._running_since, self._still_at = event.heard_s, None, self.ended_at

    def leave(self, at: float) -> None:
        """No report will come any more: what has left by ``at`` was heard."""
        if self._running_since is not None:
            self.note(PlaybackStopped(self.id, at, min(self.heard_by(at), self.length_s)))

    def heard_by(self, at: float) -> float:
        """Seconds of it that have left by ``at``, which must not lie before the last report."""
        return self.heard_s if self._running_since is None else self.heard_s + max(0.0, at - self._running_since)

    def said_since(self, since: float, now: float) -> str:
        """Its words that left after ``since``, those cut in half at either end included.

        A break in between counts as if it had not been.
        """
        until = now if self._running_since is not None else self._still_at
        if until is None or until <= since:
            return ""
        heard_s = self.heard_by(now)
        before = len(self._heard_in(heard_s - (until - since)).split())
        words = len(self._heard_in(heard_s).split())
        # A word counts as heard before its end: the last one before may still have been under way, and the next one have begun.
        return " ".join(self.text.split()[max(0, before - 1) : words + 1])


@dataclass(slots=True)
class Reply:
    number: int
    acts: list[Act]
    clips: list[Clip]
    answered: Answered | None = None
    stopped: bool = False
    interrupted_by: int = 0
    """Id of the utterance that stopped it; 0: none."""
    growing: bool = False
    """More sentences may come: a language model is at work on it."""
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    """A sentence came, or the last one has come."""

    @classmethod
    def of(cls, number: int, acts: list[Act], answered: Answered | None, *, interruptible: bool = True) -> "Reply":
        """``interruptible``: by the caller's voice, as far as the knobs go. A sentence that must be heard protects those before it too."""
        pieces = [(text, say) for say in acts if isinstance(say, Say) for text in spoken(say.text, say.language)]
        last_due = max((index for index, (_, say) in enumerate(pieces, 1) if not say.interruptible), default=0)
        clips = [
            Clip(f"{number}.{index}", text, interruptible and index > last_due, index <= last_due, say.language)
            for index, (text, say) in enumerate(pieces, 1)
        ]
        return cls(number, list(acts), clips, answered)

    def add(self, acts: list[Act], *, interruptible: bool = True) -> list[Clip]:
        """What the reply goes on with; the clips that are new."""
        fresh = Reply.of(self.number, acts, None, interruptible=interruptible)
        for index, clip in enumerate(fresh.clips, len(self.clips) + 1):
            clip.id = f"{self.number}.{index}"
        self.acts += acts
        self.clips += fresh.clips
        self.grown.set()
        return fresh.clips

    def complete(self) -> None:
        """Nothing more comes."""
        self.growing = False
        self.grown.set()

    @property
    def text(self) -> str:
        return " ".join(clip.text for clip in self.clips)

    @property
    def heard(self) -> str:
        return " ".join(clip.heard for clip in self.clips if clip.heard)

    @property
    def heard_s(self) -> float:
        return sum(clip.heard_s for clip in self.clips)

    @property
    def started_at(self) -> float | None:
        return next((clip.started_at for clip in self.clips if clip.started_at is not None), None)

    @property
    def ended_at(self) -> float:
        """When the last of it left for the caller; of a reply dropped before it began, when that was."""
        begun = [clip for clip in self.clips if clip.started_at is not None]
        return max((clip.ended_at for clip in begun or self.clips if clip.ended_at is not None), default=0.0)

    @property
    def whole(self) -> bool:
        return not self.growing and all(clip.finished for clip in self.clips)

    def leave(self, at: float) -> None:
        for clip in self.clips:
            clip.leave(at)

    def left_s(self, at: float) -> float:
        """Seconds of it that the caller has still to hear, estimated where a sentence is not complete yet."""
        if self.stopped:
            return 0.0
        return sum(max(0.0, clip.length_s - clip.heard_by(at)) for clip in self.clips if clip.ended_at is None)

    def unsaid(self) -> list[Act]:
        """The sentences not heard to their end, and the question's Listen; a tool that was called is at work already."""
        says: list[Act] = [Say(clip.text, not clip.due, clip.language) for clip in self.clips if not clip.finished]
        return says + [act for act in self.acts if isinstance(act, Listen)]

    def latency(self) -> Mapping[str, float]:
        """Figures for the turn; ``tts``, ``gap`` and ``speculation`` included when known."""
        if self.answered is None:
            return {}
        figures = dict(self.answered.latency_ms)
        first = self.clips[0].prepared if self.clips else None
        first_audio_s = first.first_after_s if first else None
        if first_audio_s is not None:
            figures["tts"] = first_audio_s * 1000
        if self.answered.ahead is not None:
            figures["speculation"] = self.answered.ahead.saved_s(first_audio_s) * 1000
        if self.started_at is not None:
            figures["gap"] = (self.started_at - self.answered.ended_at) * 1000
        return {name: round(value, 1) for name, value in figures.items()}
