"""What a rule may ask about a call: the shapes of ``when``."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.emotion.signs import Method, State
from agents.flows.hours import Span

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
QueueName = Annotated[str, Field(pattern=r"^([a-z][a-z0-9-]{0,31})?$")]
Share = Annotated[float, Field(ge=0, le=1)]
Level = Annotated[float, Field(ge=-1, le=1)]
Counted: TypeAlias = Literal["no_input", "no_match", "tool_error", "recognition_failed", "setback", "interruption", "silence", "failure"]
"""failure: any of the first four. setback: what was read back was wrong, or a way led nowhere."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EmotionPart(Part):
    """How the caller feels; everything that is given must hold."""

    state: State | None = Field(None, description="Which state is asked about, or measure.")
    measure: Literal["valence", "arousal"] | None = Field(
        None, description="valence: -1 to 1; arousal: 0 to 1, 0.5 is this caller's usual."
    )
    of: Literal["course", "utterance"] = Field("course", description="course: smoothed over the call; utterance: the last one alone.")
    on: bool | None = Field(None, description="Whether the state holds, with hysteresis. Only of the course of a state.")
    at_least: Level | None = Field(None, description="Lowest level at which this holds.")
    at_most: Level | None = Field(None, description="Highest level at which this holds.")
    held_s: float | None = Field(None, gt=0, le=3600, description="Seconds for which the level, or on, has held without a break.")
    rises_per_min: float | None = Field(
        None, ge=-10, le=10, description="Least slope of the level, per minute; negative: may fall so fast."
    )
    over_s: float = Field(60, ge=5, le=600, description="Seconds over which the slope is measured; it needs three utterances.")
    confidence: Share | None = Field(None, description="Least confidence in the level of the state.")
    method: Method | None = Field(None, description="text: nothing of it may come from the sound of the voice; audio: something must.")
    besides_voice: bool = Field(False, description="Something other than the sound of the voice must speak for it too.")

    @model_validator(mode="after")
    def _sensible(self) -> "EmotionPart":
        if self.state and self.measure:
            raise ValueError("state and measure exclude each other; keep one of them")
        leveled = self.at_least is not None or self.at_most is not None
        if not self.state and not self.measure:
            raise ValueError("says of what; add state: frustrated, or measure: arousal")
        if not leveled and self.on is None and self.rises_per_min is None:
            raise ValueError("compares with nothing; add at_least, at_most, on or rises_per_min")
        if self.on is not None and (self.measure or self.of == "utterance"):
            raise ValueError("on is known of the course of a state only; use at_least, or state with of: course")
        if self.held_s is not None and not leveled and self.on is None:
            raise ValueError("held_s needs a level that is held; add at_least, at_most or on")
        if self.confidence is not None and self.measure:
            raise ValueError("confidence is known of states only; remove it, or ask about a state")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is above at_most, so it never holds; swap them")
        return self


class ConcernPart(Part):
    """Something in the caller's last turn that is a person's business."""

    name: Name = Field(description="Such as asks_person, emergency, vulnerable, legal_threat, fraud, cancels.")
    confidence: Share = Field(0.5, description="Least confidence.")


class EventsPart(Part):
    """How often something has happened."""

    count: Counted | None = Field(None, description="What is counted; failure: no_input, no_match, tool_error or recognition_failed.")
    note: Name | None = Field(None, description="Instead of count: a note of the agent's own, or any event of the records.")
    at_least: int = Field(1, ge=1, le=100, description="Least number.")
    within_s: float | None = Field(None, gt=0, le=3600, description="Only those of the last so many seconds; without it of the whole call.")
    longer_than_s: float | None = Field(None, ge=1, le=60, description="Of silence: seconds that the caller must have been silent for (4).")

    @model_validator(mode="after")
    def _sensible(self) -> "EventsPart":
        if (self.count is None) == (self.note is None):
            raise ValueError("counts nothing or two things; give either count or note")
        if self.longer_than_s is not None and self.count != "silence":
            raise ValueError("longer_than_s is for count: silence; remove it")
        return self


class CallPart(Part):
    """How long the call has lasted."""

    longer_than_s: float = Field(gt=0, le=7200, description="Seconds since its start.")


class FactPart(Part):
    """A slot of the dialogue, or something that a tool has told of the customer."""

    name: str = Field(min_length=1, max_length=64, description="Such as tier; as the agent's slots and tools call it.")
    is_: str | float | bool | None = Field(None, alias="is", description="Equal to this; letters' case does not matter.")
    one_of: tuple[str | float | bool, ...] = Field((), description="Equal to one of these.")
    at_least: float | None = Field(None, description="A number of at least this.")
    at_most: float | None = Field(None, description="A number of at most this.")
    known: bool | None = Field(None, description="Whether there is such a fact, whatever it says.")

    @model_validator(mode="after")
    def _sensible(self) -> "FactPart":
        given = (self.is_, self.one_of or None, self.at_least, self.at_most, self.known)
        if all(value is None for value in given):
            raise ValueError("compares with nothing; add is, one_of, at_least, at_most or known")
        return self


class HoursPart(Part):
    """The time of day; everything that is given must hold."""

    open: bool | None = Field(None, description="Inside or outside the opening hours of this file.")
    weekdays: tuple[Weekday, ...] = Field((), description="One of these days.")
    between: Span | None = Field(None, description='Such as "17:00-23:00".')
    holiday: bool | None = Field(None, description="One of the holidays of this file, or not.")

    @model_validator(mode="after")
    def _sensible(self) -> "HoursPart":
        if self.open is None and not self.weekdays and self.between is None and self.holiday is None:
            raise ValueError("asks nothing; add open, weekdays, between or holiday")
        return self


class QueuePart(Part):
    """How a queue stands now."""

    name: QueueName = Field("", description="Which; empty: the rule's own, else the agent's.")
    measure: Literal["expected_wait_s", "members_free", "waiting"] = Field(description="What of it.")
    at_least: float | None = Field(None, ge=0, description="Lowest figure.")
    at_most: float | None = Field(None, ge=0, description="Highest figure.")

    @model_validator(mode="after")
    def _sensible(self) -> "QueuePart":
        if self.at_least is None and self.at_most is None:
            raise ValueError("compares with nothing; add at_least or at_most")
        return self


class Condition(Part):
    """Exactly one of these."""

    all: tuple["Condition", ...] | None = Field(None, min_length=1, description="Each of them holds.")
    any: tuple["Condition", ...] | None = Field(None, min_length=1, description="At least one of them holds.")
    not_: "Condition | None" = Field(None, alias="not", description="It is known not to hold.")
    emotion: EmotionPart | None = None
    concern: ConcernPart | None = None
    events: EventsPart | None = None
    call: CallPart | None = None
    fact: FactPart | None = None
    hours: HoursPart | None = None
    queue: QueuePart | None = None

    @model_validator(mode="after")
    def _one(self) -> "Condition":
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            names = " and ".join(name.rstrip("_") for name in given) or "nothing"
            raise ValueError(f"holds {names}; write exactly one condition here, or a list of them below all: or any:")
        return self

    def leaves(self) -> "tuple[Leaf, ...]":
        """The plain conditions below, in the order of the file."""
        if inner := self.all or self.any:
            return tuple(leaf for part in inner for leaf in part.leaves())
        if self.not_ is not None:
            return self.not_.leaves()
        return (self.leaf(),)

    def leaf(self) -> "Leaf":
        """Of a plain condition: what it asks."""
        found = self.emotion or self.concern or self.events or self.call or self.fact or self.hours or self.queue
        assert found is not None  # noqa: S101 - _one has seen to it
        return found


Leaf: TypeAlias = EmotionPart | ConcernPart | EventsPart | CallPart | FactPart | HoursPart | QueuePart
