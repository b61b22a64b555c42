"""The shape of a rules file: rules by name, in the order in which they go before one another."""

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from agents.flows.hours import Hours, Span
from agents.flows.names import FlowName, LanguageCode
from handoff.rules.conditions import Condition, Name, Part, QueueName, Weekday
from handoff.rules.decisions import Act

Dialled = Annotated[str, Field(pattern=r"^\+?[0-9]{1,32}$")]
Sentence = Annotated[str, Field(min_length=1, max_length=400)]
Date = Annotated[str, Field(pattern=r"^[0-9]{4}-[01][0-9]-[0-3][0-9]$")]
RETRY_COOLDOWN_S: Final = 3.0
COOLDOWN_S: Final = 30.0


class MannerPart(Part):
    """How the agent talks from then on."""

    pace: float = Field(1.0, ge=0.7, le=1.1, description="Of the voice; below 1 is slower.")
    slow_readback: bool = Field(False, description="Read numbers back one by one, with pauses.")
    short: bool = Field(False, description="Shorter sentences.")
    tone: str = Field("", max_length=400, description="For a language model: how the caller feels and how to meet it.")


class ForPart(Part):
    """For how long the condition must hold before the rule acts. Exactly one of these."""

    seconds: float | None = Field(None, gt=0, le=3600, description="Without a break.")
    turns: int | None = Field(None, ge=1, le=20, description="Spoken turns of the caller in a row.")

    @model_validator(mode="after")
    def _one(self) -> "ForPart":
        if (self.seconds is None) == (self.turns is None):
            raise ValueError("says nothing or two things; give either seconds or turns")
        return self


class OnlyPart(Part):
    """Where and when the rule holds; everything that is given must fit."""

    numbers: tuple[Dialled, ...] = Field((), description="Dialled numbers.")
    agents: tuple[FlowName, ...] = Field((), description="Names of agents.")
    hours: Span | None = Field(None, description='Such as "09:00-17:30", in the time zone of this file.')
    weekdays: tuple[Weekday, ...] = Field((), description="Days of the week.")


class Rule(Part):
    description: str = Field("", max_length=200, description="Why there is this rule.")
    when: Condition
    for_: ForPart | None = Field(None, alias="for")
    act: Act = Field(description="escalate: a person takes over; try_once: apologise, go on, and escalate the next time; adapt; flag.")
    queue: QueueName = Field("", description="Where the caller goes; empty: the agent's own queue.")
    priority: int | None = Field(None, ge=0, le=100, description="In the queue, higher comes first; without it as usual.")
    reason: Name | None = Field(None, description="Machine-readable, for card and records; without it the rule's name.")
    say: dict[LanguageCode, Sentence] = Field(default_factory=dict, description="What the caller hears first, by language.")
    say_handing_over: dict[LanguageCode, Sentence] = Field(
        default_factory=dict, description="Of try_once: what the caller hears when the rule holds again; without it the usual sentence."
    )
    manner: MannerPart | None = Field(None, description="How the agent talks from then on.")
    cooldown_s: float | None = Field(
        None,
        ge=0,
        le=7200,
        description=f"Least seconds between two decisions of this rule ({COOLDOWN_S:g}; try_once: {RETRY_COOLDOWN_S:g}).",
    )
    once: bool = Field(False, description="At most once in a call (try_once: one try and one handing over).")
    shadow: bool = Field(False, description="Write down what it would do, and do nothing.")
    allow_voice_priority: bool = Field(
        False, description="Let a feeling read out of the voice decide who waits shorter. Ask a lawyer first; in the EU do not."
    )
    only: OnlyPart | None = None

    @property
    def rest_s(self) -> float:
        """Least seconds between two of its decisions."""
        return self.cooldown_s if self.cooldown_s is not None else RETRY_COOLDOWN_S if self.act == "try_once" else COOLDOWN_S


class RulesFile(Part):
    version: Literal[1] = Field(1, description="Of this format.")
    extends: Literal["default"] | None = Field(None, description="default: the rules that ship follow after these.")
    without: tuple[Name, ...] = Field((), description="Rules of the extended file that do not hold here.")
    shadow: bool = Field(False, description="All rules write down what they would do, and do nothing.")
    rest_s: float = Field(30, ge=0, le=600, description="Seconds after an escalation in which no rule escalates or tries once more.")
    hours: Hours | None = Field(None, description="Opening hours, and the time zone in which all hours of this file are meant.")
    holidays: tuple[Date, ...] = Field((), description="Days on which it is closed, such as 2026-12-25.")
    rules: dict[Name, Rule] = Field(description="By name; of those that would act at once the first one does.")
