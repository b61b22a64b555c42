"""The caller's mood over the call: utterances smoothed, with hysteresis.

An utterance whose level lies above ``ground_from`` is a ground, and grounds add up as independent ones do, ``s + (1-s) * ground``: a clear
one brings a state on at once, of mild ones it takes two. One below it is calm and takes its share away. Between utterances everything
decays towards calm with a half-life. How much an utterance counts depends on its confidence: one of which nothing is known only lets time
pass. A state comes on at ``on`` and goes off below ``off``; between the two it stays as it is. Pure: time is passed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.emotion.signs import STATES, Feeling, Level, Mood, State


class Knobs(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StateKnobs(Knobs):
    """When one state holds."""

    on: float = Field(0.55, ge=0.1, le=1, description="Smoothed level from which the state holds.")
    off: float = Field(0.3, ge=0, le=0.95, description="Smoothed level below which it holds no more; must lie below 'on'.")

    @model_validator(mode="after")
    def _apart(self) -> "StateKnobs":
        if self.off >= self.on:
            raise ValueError(f"off ({self.off}) must lie below on ({self.on}): between them a state stays as it is")
        return self


class CourseKnobs(Knobs):
    """How the mood follows the utterances."""

    half_life_s: float = Field(60.0, ge=5, le=600, description="Time in which what is not renewed falls to half of it, in s.")
    ground_from: float = Field(0.2, ge=0, le=0.9, description="Level of an utterance from which it counts as a ground for the state.")
    calming: float = Field(0.3, ge=0, le=1, description="Share that an utterance with nothing of the state takes away, at full weight.")
    sure_from: float = Field(0.5, gt=0, le=1, description="Confidence from which an utterance has its full weight.")
    follow: float = Field(0.6, gt=0, le=1, description="Share of the way that valence and arousal go towards those of an utterance.")
    frustrated: StateKnobs = StateKnobs()
    confused: StateKnobs = StateKnobs()
    urgent: StateKnobs = StateKnobs()
    satisfied: StateKnobs = StateKnobs()

    def of(self, state: State) -> StateKnobs:
        knobs: Mapping[State, StateKnobs] = {
            "frustrated": self.frustrated,
            "confused": self.confused,
            "urgent": self.urgent,
            "satisfied": self.satisfied,
        }
        return knobs[state]


USUAL: CourseKnobs = CourseKnobs()


def calm() -> Mood:
    """At the beginning of a call."""
    return Mood(0.0, 0.5, {state: Level() for state in STATES})


@dataclass(frozen=True, slots=True)
class Course:
    """Where the mood stands. ``Course()``: nothing was heard yet."""

    mood: Mood = field(default_factory=calm)
    at: float | None = None
    """Of the latest utterance, in s."""


def step(course: Course, feeling: Feeling, at: float, knobs: CourseKnobs = USUAL) -> tuple[Course, Mood]:
    """After an utterance that ended at ``at``, in s on one clock; one that is out of order counts as simultaneous with the latest."""
    since = max(0.0, at - course.at) if course.at is not None else 0.0
    kept = 0.5 ** (since / knobs.half_life_s)
    before = course.mood
    states = {state: _smoothed(before.states[state], feeling.states[state], kept, knobs) for state in STATES}
    mood = Mood(
        valence=_followed(before.valence * kept, feeling.valence, knobs),
        arousal=_followed(0.5 + (before.arousal - 0.5) * kept, feeling.arousal, knobs),
        states=states,
        on=frozenset(state for state in STATES if _holds(states[state].level, state in before.on, knobs.of(state))),
    )
    return Course(mood, at if course.at is None else max(at, course.at)), mood


def _smoothed(before: Level, now: Level, kept: float, knobs: CourseKnobs) -> Level:
    level = before.level * kept
    weight = min(1.0, now.confidence / knobs.sure_from)
    ground = weight * max(0.0, now.level - knobs.ground_from) / (1 - knobs.ground_from)
    calming = weight * knobs.calming * (1 - now.level / knobs.ground_from) if now.level < knobs.ground_from else 0.0
    return Level((level + (1 - level) * ground) * (1 - calming), max(before.confidence * kept, now.confidence))


def _holds(level: float, held: bool, knobs: StateKnobs) -> bool:
    return level >= (knobs.off if held else knobs.on)


def _followed(before: float, now: float, knobs: CourseKnobs) -> float:
    return before + knobs.follow * (now - before)
