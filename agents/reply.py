"""One thing the agent says: its sentences as clips, and what the caller has heard of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from agents.flows.acts import Act, Listen, Say
from agents.flows.sentences import heard_part, split
from agents.speech import Prepared

CHARACTERS_PER_S: Final = 15.0
"""A usual speaking rate; stands in for the length of a sentence whose synthesis has not ended."""
UNHEARD_S: Final = 0.3
"""Less than this of a reply counts as not heard at all."""


@dataclass(slots=True)
class Answered:
    """The caller's turn that a reply answers, with the milliseconds spent so far."""

    ended_at: float
    latency_ms: dict[str, float]


@dataclass(slots=True)
class Clip:
    id: str
    text: str
    interruptible: bool
    prepared: Prepared | None = None
    handed_over: bool = False
    started_at: float | None = None
    ended_at: float | None = None
    heard_s: float = 0.0
    finished: bool = False

    @property
    def length_s(self) -> float:
        """Of the whole clip; estimated while it is not complete."""
        if self.prepared is None:
            return len(self.text) / CHARACTERS_PER_S
        made = self.prepared.duration_s
        return made if self.prepared.complete else max(made, len(self.text) / CHARACTERS_PER_S)

    @property
    def heard(self) -> str:
        return self.text if self.finished else heard_part(self.text, self.heard_s, self.length_s)


@dataclass(slots=True)
class Reply:
    number: int
    acts: list[Act]
    clips: list[Clip]
    answered: Answered | None = None
    stopped: bool = False
    over: bool = False
    interrupted_by: int = 0
    """Id of the utterance that stopped it; 0: none."""
    latency_ms: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, number: int, acts: list[Act], answered: Answered | None) -> "Reply":
        says = [act for act in acts if isinstance(act, Say)]
        pieces = [(text, say.interruptible) for say in says for text in split(say.text)]
        protected = any(not interruptible for _, interruptible in pieces)
        clips = [Clip(f"{number}.{index}", text, not protected) for index, (text, _) in enumerate(pieces, 1)]
        return cls(number, acts, clips, answered)

    @property
    def text(self) -> str:
        return " ".join(clip.text for clip in self.clips)

    @property
    def heard(self) -> str:
        return " ".join(clip.heard for clip in self.clips if clip.heard)

    @property
    def heard_s(self) -> float:
        return sum(clip.length_s if clip.finished else clip.heard_s for clip in self.clips)

    @property
    def started_at(self) -> float | None:
        return next((clip.started_at for clip in self.clips if clip.started_at is not None), None)

    @property
    def ended_at(self) -> float:
        return max((clip.ended_at for clip in self.clips if clip.ended_at is not None), default=0.0)

    @property
    def whole(self) -> bool:
        return all(clip.finished for clip in self.clips)

    def rest(self) -> list[Act]:
        """The sentences not heard to their end, and the question's Listen; a tool that was called is at work already."""
        says: list[Act] = [Say(clip.text, clip.interruptible) for clip in self.clips if not clip.finished]
        return says + [act for act in self.acts if isinstance(act, Listen)]

    def latency(self) -> Mapping[str, float]:
        """Figures for the turn, ``tts`` and ``gap`` included when known."""
        if self.answered is None:
            return {}
        figures = dict(self.answered.latency_ms)
        first = self.clips[0]
        if first.prepared and first.prepared.first_after_s is not None:
            figures["tts"] = first.prepared.first_after_s * 1000
        if self.started_at is not None:
            figures["gap"] = (self.started_at - self.answered.ended_at) * 1000
        return {name: round(value, 1) for name, value in figures.items()}
