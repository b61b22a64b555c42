"""An agent as data: its intents, slots and nodes. Unknown keys are refused; every reference is checked when it is loaded."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.flows.hours import Hours
from agents.flows.intents import Intent, compile_phrase
from agents.flows.sentences import split
from agents.flows.template import is_constant, places


def _template(text: str) -> str:
    if not text.strip():
        raise ValueError("an empty sentence")
    places(text)
    return text


def _phrase(text: str) -> str:
    compile_phrase(text)
    return text


Text = Annotated[str, AfterValidator(_template)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]
PhraseText = Annotated[str, AfterValidator(_phrase)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Fact: TypeAlias = bool | int | str


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IntentPart(Part):
    phrases: Annotated[tuple[PhraseText, ...], Field(min_length=1, description="See agents/flows/intents.py for their form.")]
    short_only: int = Field(
        0, ge=0, le=20, description="Match only at the start of a sentence, or in one of at most so many words; 0: anywhere."
    )


class SlotPart(Part):
    kind: Literal["digits"] = "digits"
    shortest: int = Field(ge=1, le=30, description="Fewest digits.")
    longest: int = Field(ge=1, le=30, description="Most digits.")


class SayNode(Part):
    do: Literal["say"]
    say: Texts
    next: Name
    setback: bool = Field(
        False, description="An attempt failed here; after give_up_after of them without a new question a person takes over."
    )


class Reprompts(Part):
    """One text per failure in a row, the last one for all further; then the agent gives up."""

    again: Texts = Field(description="The caller was not understood.")
    silent: Texts = Field(description="The caller said nothing.")


class AskNode(Reprompts):
    do: Literal["ask"]
    ask: Texts
    on: Mapping[Name, Name] = Field(description="Intent to node.")
    keys: Mapping[Annotated[str, Field(pattern=r"^[1-9*]$")], Name] = Field(default_factory=dict, description="Key to node.")
    keyed: Name | None = Field(None, description="A collect node that takes a whole number keyed here.")


class ConfirmPart(Reprompts):
    ask: Texts = Field(description="Reads the slot back.")
    corrected: Texts = Field(description="Reads it back after a correction.")
    rejected: Texts = Field(description="Asks again after a plain no.")


class CollectNode(Reprompts):
    do: Literal["collect"]
    slot: Name
    ask: Texts
    partial: Texts = Field(description="Some digits are there, the rest is missing; {partial|digits} holds them.")
    too_many: Texts
    confirm: ConfirmPart
    on: Mapping[Name, Name] = Field(default_factory=dict)
    set: Mapping[Name, str] = Field(default_factory=dict, description="Intent to a value of the slot, which needs no confirmation.")
    next: Name


class CallNode(Part):
    do: Literal["call"]
    say: Annotated[tuple[Text, ...], Field(description="Heard while the tool works.")] = ()
    tool: str
    arguments: Mapping[str, Text] = Field(alias="with", default_factory=dict)
    limit_s: float = Field(3.0, gt=0, le=30, description="Seconds until the tool counts as failed.")
    returns: tuple[Name, ...] = Field(description="Fields of the result that texts and cases may name as result.<field>.")
    next: Name
    failed: Name


class Case(Part):
    when: Mapping[str, Fact] = Field(default_factory=dict, description="All must be equal; empty: always.")
    next: Name


class ChooseNode(Part):
    do: Literal["choose"]
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


class HandoverNode(Part):
    do: Literal["handover"]
    say: Texts
    reason: str = Field("", description="Empty: the reason for which the dialogue came here.")


class HangUpNode(Part):
    do: Literal["hangup"]
    say: Texts
    reason: str = ""


Node = Annotated[
    SayNode | AskNode | CollectNode | CallNode | ChooseNode | HandoverNode | HangUpNode,
    Field(discriminator="do"),
]


class Everywhere(Part):
    """What works at any point of the conversation."""

    person: Name = Field(description="Intent that asks for a person.")
    goodbye: Name
    repeat: Name
    yes: Name
    no: Name
    to_person: Name = Field(description="Node to which ``person`` and the key 0 lead.")
    to_goodbye: Name
    give_up: Name = Field(description="Handover node after too many failures.")
    time_up: Name = Field(description="Handover node when the call lasts too long.")
    tool_trouble: Name = Field(description="Handover node when the machinery fails.")
    repeat_with: Texts = Field(description="Said before a sentence that is repeated.")
    still_working: Annotated[tuple[Text, ...], Field(description="Said while a tool keeps the caller waiting.")] = ()


class AgentDefinition(Part):
    """One agent, checked and ready to run. Build it with ``agents.library.load_agent``."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    queue: str = Field("support", pattern=r"^[a-z][a-z0-9-]{0,31}$", description="Where handovers go.")
    give_up_after: int = Field(3, ge=1, le=10, description="Failures in a row until a person takes over.")
    start: Name
    resume: Name = Field(description="Node for a caller who comes back from the queue.")
    everywhere: Everywhere
    hours: Hours = Field(default_factory=Hours)
    slots: Mapping[Name, SlotPart] = Field(default_factory=dict)
    intents: Mapping[Name, IntentPart]
    nodes: Mapping[Name, Node]

    @cached_property
    def compiled(self) -> Mapping[str, Intent]:
        return {
            name: Intent(name, tuple(compile_phrase(text) for text in part.phrases), part.short_only) for name, part in self.intents.items()
        }

    def texts(self) -> Iterator[str]:
        """Every text that may be spoken, templates included."""
        yield from self.everywhere.repeat_with
        yield from self.everywhere.still_working
        for node in self.nodes.values():
            yield from texts_of(node)

    def fixed_sentences(self) -> tuple[str, ...]:
        """Sentences without a name in them, as they are handed to the voice: worth preparing before the first call."""
        pieces = (piece for text in self.texts() for piece in split(text))
        return tuple(dict.fromkeys(piece for piece in pieces if is_constant(piece)))


def texts_of(node: Node | ConfirmPart) -> Iterator[str]:
    """The texts of one node."""
    for field in ("say", "ask", "again", "silent", "partial", "too_many", "corrected", "rejected"):
        yield from getattr(node, field, ())
    if isinstance(node, CollectNode):
        yield from texts_of(node.confirm)
